"""The operator's lists in the local service: stored, shown, removed, and used by functions that start afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib import bootstrap
from chalicelib.domain.achievement_records import Faulty, parse_record
from chalicelib.settings import SettingsError
from local.commands import lists
from local.commands.lists import ListError, lists_of, put_lists, remove_lists, stored_lists
from local.emulated.cloud import ProvisionedCloud
from tests.builders.files import values


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prohibited-words.txt").write_text("Plonker\n", encoding="utf-8")
    (tmp_path / "prohibited-postcodes.txt").write_text("ZZ1 1ZZ\n", encoding="utf-8")
    return tmp_path


def refused(**changes: str) -> set[str]:
    parsed = parse_record(values(**changes))
    return {found.code for found in parsed.failures} if isinstance(parsed, Faulty) else set()


@pytest.mark.req("VLD-02")
def test_lists_apply_to_whatever_starts_afterwards(fresh_cloud: ProvisionedCloud, folder: Path) -> None:
    assert refused(GivenName="Plonker") == refused(LearnerPostcode="ZZ1 1ZZ") == set()
    assert put_lists(fresh_cloud, lists_of(folder)) == ["prohibited-words.txt", "prohibited-postcodes.txt"]
    assert list(stored_lists(fresh_cloud)) == ["prohibited-postcodes.txt", "prohibited-words.txt"]
    assert bootstrap.services(fresh_cloud.environment).batch_apply
    assert refused(GivenName="Plonker") == {"ACF006"}
    assert refused(LearnerPostcode="ZZ1 1ZZ")
    remove_lists(fresh_cloud, stored_lists(fresh_cloud))
    assert bootstrap.services(fresh_cloud.environment).batch_split
    assert refused(GivenName="Plonker") == refused(LearnerPostcode="ZZ1 1ZZ") == set()


def test_a_function_with_a_malformed_list_does_not_start_and_names_its_line(fresh_cloud: ProvisionedCloud) -> None:
    body = b"ZZ1 1ZZ\nZZ\n"
    fresh_cloud.client("s3").put_object(
        Bucket=fresh_cloud.bucket("catalogue"), Key="lists/prohibited-postcodes.txt", Body=body
    )
    for part in ("batch_apply", "batch_split", "batch_watch"):
        with pytest.raises(SettingsError, match="prohibited postcodes, line 2: a full postcode is needed"):
            getattr(bootstrap.services(fresh_cloud.environment), part)


def test_the_accents_of_welsh_are_a_setting(fresh_cloud: ProvisionedCloud) -> None:
    assert bootstrap.services(fresh_cloud.environment).batch_apply
    assert refused(GivenName="Siân") == {"ACF003"}
    assert bootstrap.services(fresh_cloud.environment | {"LRS_WELSH_NAMES": "true"}).batch_apply
    assert refused(GivenName="Siân") == set()


def test_nothing_is_stored_when_one_list_is_wrong_and_every_fault_is_reported(
    fresh_cloud: ProvisionedCloud, folder: Path
) -> None:
    (folder / "bank-holidays.csv").write_text("2031-12-25\nXmas\n", encoding="utf-8")
    (folder / "words.txt").write_text("", encoding="utf-8")
    with pytest.raises(ListError) as wrong:
        put_lists(fresh_cloud, [*lists_of(folder), folder / "words.txt", folder / "absent" / "prohibited-words.txt"])
    reported = str(wrong.value).splitlines()
    assert [
        "bank holidays, line 2" in reported[0],
        "not the name of a list" in reported[1],
        "cannot read" in reported[2],
    ] == [True] * 3
    assert stored_lists(fresh_cloud) == {}
    with pytest.raises(ListError, match="contains none"):
        lists_of(folder / "absent")


def test_the_command_shows_puts_and_removes(
    fresh_cloud: ProvisionedCloud, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = folder / "state"
    state.mkdir()
    assert lists.main(["--state", str(state)]) == 2
    where = {"endpoint": fresh_cloud.endpoint, "prefix": fresh_cloud.prefix}
    (state / "cloud.json").write_text(json.dumps(where), encoding="utf-8")
    places = ["--state", str(state)]
    assert lists.main(["put", str(folder / "prohibited-words.txt"), *places]) == 0
    assert "prohibited-words.txt      yours, from " in capsys.readouterr().out
    assert lists.main(["put", str(folder / "state" / "cloud.json"), *places]) == 1
    assert "not the name of a list" in capsys.readouterr().err
    assert lists.main(["remove", "prohibited-words.txt", *places]) == 0
    assert lists.main(["remove", "words.txt", *places]) == 1
    assert lists.main(places) == 0
    assert "yours" not in capsys.readouterr().out.splitlines()[-4:][0]
