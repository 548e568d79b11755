"""The certificates that AWS is trusted by: Amazon's own five roots, as Mozilla publishes them."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from botocore.httpsession import get_cert_path

from chalicelib.aws import ROOTS, Clients
from chalicelib.settings import Settings

REGION = {"AWS_REGION": "eu-west-2"}
TRUST_SERVICES = {
    "Amazon Root CA 1",
    "Amazon Root CA 2",
    "Amazon Root CA 3",
    "Amazon Root CA 4",
    "Starfield Services Root Certificate Authority - G2",
}
"""The names at https://www.amazontrust.com/repository/."""


def bundle_of(**environ: str) -> object:
    """The bundle that a client made in this environment reads."""
    given = REGION | environ
    return Clients(Settings.from_environment(given), given)["sqs"]._endpoint.http_session._verify


def roots_of(path: str) -> dict[bytes, dict]:
    """The certificates of a bundle, by their bytes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(path)
    return dict(zip(context.get_ca_certs(binary_form=True), context.get_ca_certs(), strict=True))


def name_of(certificate: dict) -> str:
    return dict(part for parts in certificate["subject"] for part in parts)["commonName"]


@pytest.mark.req("SEC-01")
def test_the_roots_are_the_five_that_are_published_in_mozillas_bundle() -> None:
    ours, published = roots_of(str(ROOTS)), roots_of(get_cert_path(True))
    assert {name_of(certificate) for certificate in ours.values()} == TRUST_SERVICES
    assert ours.keys() <= published.keys()
    others = {name_of(found) for data, found in published.items() if data not in ours and "commonName" in str(found)}
    assert not {name for name in others if name.startswith(("Amazon", "Starfield Services"))}


def test_no_root_ends_within_two_years() -> None:
    soon = datetime.now(UTC) + timedelta(days=730)
    for certificate in roots_of(str(ROOTS)).values():
        assert datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC) > soon


def test_a_client_reads_amazons_roots_unless_a_setting_names_another_bundle_or_address() -> None:
    assert bundle_of() == str(ROOTS)
    assert bundle_of(AWS_CA_BUNDLE="/etc/roots.pem") == "/etc/roots.pem"
    assert bundle_of(AWS_ENDPOINT_URL="http://127.0.0.1:9") != str(ROOTS)
    assert bundle_of(AWS_ENDPOINT_URL="https://aws.example", AWS_CA_BUNDLE="/etc/roots.pem") == "/etc/roots.pem"
