"""Somebody of an awarding organisation sends files through the portal, follows them, and gets their results."""

from __future__ import annotations

import re
from html import unescape
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

import pytest

import app
from chalicelib.domain.access import Role
from chalicelib.services.users import Order
from tests.builders.achievements import csv_file, record, texts_of
from tests.builders.callers import caller
from tests.builders.functions import UKPRN, Functions
from tests.builders.portal import BOUNDARY, NEW, Browser, multipart

PATH = "/achievement-batches"
LARGE = (b"," * 65_000 + b"\r\n") * 100
"""Empty rows, which make a file larger than an event of Lambda may be."""
NAME = f"QCF_{UKPRN}_20261122_777.csv"


def use(functions: Functions) -> None:
    """Send two files, cancel the second while the first is processed, fetch what came of the first, and process the
    second again, until it has gone.
    """
    browser = _signed_in(functions)
    first, second = (_send(functions, browser, csv_file([record(0, MISIdentifier=mis)], UKPRN)) for mis in "AB")
    functions.drain("intake")
    with functions.actions.running("portal"):
        assert browser.fill_in(f"{second}/cancel").status == 200
    functions.drain()
    with functions.actions.running("portal"):
        assert "Refused" in browser.open(first).body
        assert browser.get(f"{first}/error-file").status == 303
        browser.open(f"{first}/records/1")
        assert browser.submit(f"{first}/records/1", **texts_of(record(0)), revision="0").status == 303
        again = browser.fill_in(f"{first}/corrections")
        assert "The corrected records were sent." in again.body
        browser.open(f"{first}/corrections")
        assert first in browser.open(PATH).body
        assert "as a new job" in browser.fill_in(f"{second}/resubmit").body
        asked = browser.open(f"{second}/resubmit")
    _remove(functions, f"upload/{UKPRN}/achievements/{second.rsplit('/', 1)[-1]}/")
    with functions.actions.running("portal"):
        assert browser.submit(f"{second}/resubmit", token=asked.token).status == 410
    _process_a_dropped_file_again(functions, browser)
    send_a_large_file(functions, browser)


def send_a_large_file(functions: Functions, browser: Browser) -> None:
    """A file that no function could be sent goes to the bucket as a browser sends it, and is processed."""
    with functions.actions.running("portal"):
        browser.open(f"{PATH}/new")
        place = browser.submit("/large-achievement-batches/start", encoding="utf-8").location
        page = browser.open(place).body
    form = page.partition('enctype="multipart/form-data"')
    address = unescape(form[0].rpartition('action="')[2].partition('"')[0])
    fields = {
        name: unescape(value) for name, value in re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form[2])
    }
    data = csv_file([record(0)], UKPRN) + LARGE
    came = Request(
        address, multipart([(NAME, data)], fields), {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    )
    with pytest.raises(HTTPError) as answered:
        build_opener(_Stay).open(came)
    assert answered.value.code == 303
    sent = urlsplit(answered.value.headers["Location"])
    assert sent.path == f"{place}/sent"
    with functions.actions.running("portal"):
        job = browser.get(f"{sent.path}?{sent.query}").location
    functions.drain()
    with functions.actions.running("portal"):
        done = browser.open(job)
    assert NAME in done.text
    assert "Complete" in done.text


class _Stay(HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *_: object) -> None:
        """Nowhere."""


def _process_a_dropped_file_again(functions: Functions, browser: Browser) -> None:
    name = NAME.replace("777", "778")
    job_id = functions.drop(csv_file([record(0, MISIdentifier="C")], UKPRN), name, UKPRN)
    functions.drain("intake")
    with functions.actions.running("portal"):
        assert browser.fill_in(f"{PATH}/{job_id}/cancel").status == 200
    functions.drain()
    with functions.actions.running("portal"):
        assert "as a new job" in browser.fill_in(f"{PATH}/{job_id}/resubmit").body


def _remove(functions: Functions, prefix: str) -> None:
    client, name = functions.cloud.client("s3"), functions.cloud.bucket("inbox")
    for one in client.list_object_versions(Bucket=name, Prefix=prefix)["Versions"]:
        client.delete_object(Bucket=name, Key=one["Key"], VersionId=one["VersionId"])


def _send(functions: Functions, browser: Browser, data: bytes) -> str:
    with functions.actions.running("portal"):
        browser.open(f"{PATH}/new")
        return browser.upload(f"{PATH}/new", (NAME, data)).location


def _signed_in(functions: Functions) -> Browser:
    person = {"given_name": "Kim", "family_name": "Adair", "email_address": "kim@example.org", "verification": "x"}
    order = Order(person, frozenset({Role.QCF_RECORD_SET_USER}))
    account, first = functions.services.users.create(caller(UKPRN, "ann", ()), order)
    browser = Browser(app.portal)
    with functions.actions.running("portal"):
        browser.fill_in("/sign-in", user_name=account.user_name, password=first)
        browser.submit("/sign-in/new-password", password=first, new_password=NEW, new_password_again=NEW)
        browser.fill_in("/sign-in/user-agreement", choice="accept")
        browser.fill_in("/sign-in/secret-question", question="PET", answer="Rex", answer_again="Rex")
    return browser
