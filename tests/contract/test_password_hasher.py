"""The hasher of passwords is argon2id with the recommended parameters."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from chalicelib.bootstrap import Services
from chalicelib.cloud.passwords import NOBODYS, Argon2Hasher

PARAMETERS = "$argon2id$v=19$m=65536,t=3,p=4$"


@pytest.mark.req("IDM-03", "SEC-02")
def test_a_password_is_verified_against_its_own_hash_only(adapters: Services) -> None:
    hasher = adapters.password_hasher
    first, second = hasher.hash("Correct-Horse1"), hasher.hash("Correct-Horse1")
    assert first.startswith(PARAMETERS)
    assert first != second, "each has a salt of its own"
    assert hasher.verify(first, "Correct-Horse1")
    assert not hasher.verify(first, "correct-horse1")
    assert not hasher.is_outdated(first)


@pytest.mark.req("SEC-02")
def test_where_there_is_no_hash_one_with_the_same_parameters_is_verified() -> None:
    hasher = Argon2Hasher()
    assert NOBODYS.startswith(PARAMETERS)
    assert not hasher.is_outdated(NOBODYS)
    assert not hasher.verify("", "")
    assert not hasher.verify("", "\ud800")
    assert not hasher.verify("no hash", "x")


@pytest.mark.req("SEC-02")
def test_a_hash_of_other_parameters_is_verified_and_outdated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("Correct-Horse1")
    hasher = Argon2Hasher()
    assert hasher.verify(weak, "Correct-Horse1")
    assert hasher.is_outdated(weak)
