"""Client certificates as the gateway or a proxy passes them on."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from urllib.parse import quote

import pytest

from chalicelib.web.http.certificates import fingerprint, presented_fingerprint

DER = b"0\x82 a certificate, as far as its bytes matter " * 9
ENCODED = b64encode(DER).decode()
LINES = "\n".join(ENCODED[place : place + 64] for place in range(0, len(ENCODED), 64))
PEM = f"-----BEGIN CERTIFICATE-----\n{LINES}\n-----END CERTIFICATE-----\n"
OWN = hashlib.sha256(DER).hexdigest()
CONTEXT = {"identity": {"clientCert": {"clientCertPem": PEM}}}


@pytest.mark.req("IDM-11")
@pytest.mark.parametrize(
    "text", [PEM, PEM.replace("\n", "\r\n"), quote(PEM), quote(PEM, safe=""), f":{ENCODED}:", ENCODED]
)
def test_a_certificate_has_one_fingerprint_however_it_is_written(text: str) -> None:
    assert fingerprint(text) == OWN


@pytest.mark.req("IDM-11")
@pytest.mark.parametrize("text", ["x", "-----BEGIN CERTIFICATE-----", "é", "::", PEM + PEM, "%zz", PEM[:40]])
def test_what_cannot_be_read_is_nobodys(text: str) -> None:
    assert fingerprint(text) == "unreadable"


@pytest.mark.req("IDM-11")
def test_the_gateways_value_takes_precedence_over_a_header() -> None:
    assert presented_fingerprint(CONTEXT, ":AAAA:", required=False) == OWN
    assert presented_fingerprint({}, PEM, required=False) == OWN
    assert presented_fingerprint({}, None, required=False) == ""
    assert presented_fingerprint({"identity": None}, "", required=False) == ""


@pytest.mark.req("IDM-11")
def test_where_a_certificate_is_required_nobody_can_write_one_into_a_header() -> None:
    assert presented_fingerprint({}, PEM, required=True) == ""
    assert presented_fingerprint(CONTEXT, None, required=True) == OWN
