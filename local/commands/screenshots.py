"""Take the pictures of the README from the service itself: `make screenshots`.

Starts the service with a state of its own, walks through it in Chromium as its users do, and writes docs/images.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from chalicelib.domain.access import Role
from chalicelib.domain.monthly_levels import Month
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.batch.templates import csv_example
from local.commands.service import LocalService
from local.emulated.browser import program
from local.samples.examples import EXAMPLE_LEARNERS
from local.samples.learner_files import PROVIDER
from local.samples.past_levels import make_past_levels
from local.samples.users import sample_password, sample_users
from local.samples.work import enrich_example
from local.samples.world import samples

IMAGES: Final = Path("docs/images")
_WIDE, _MOST_HIGH = 1_000, 1_200
_AWARDING: Final = samples().organisations[0].ukprn
_DESK: Final = next(body.ukprn for body in samples().organisations if body.is_service_desk)
_OWN_PASSWORD: Final = "Walk-Through-2026"


class Visitor:
    """Somebody at the portal, who takes pictures."""

    def __init__(self, page: Page, address: str) -> None:
        self._page = page
        self._address = address

    def open(self, path: str) -> None:
        """Go to an address."""
        self._page.goto(f"{self._address}{path}")

    def fill(self, **values: str) -> None:
        """Enter values by the names of the fields."""
        for name, value in values.items():
            field = self._page.locator(f'main [name="{name.replace("__", "-")}"]')
            kind = field.first.evaluate("one => one.type")
            if kind in ("radio", "checkbox"):
                self._page.locator(f'main [name="{name}"][value="{value}"]').check()
            elif kind == "select-one":
                field.select_option(value)
            else:
                field.fill(value)

    def press(self, text: str) -> None:
        """Press a button."""
        self._page.get_by_role("button", name=text, exact=True).click()

    def follow(self, text: str) -> None:
        """Follow a link."""
        self._page.get_by_role("link", name=text).first.click()

    def choose_file(self, name: str, data: bytes) -> None:
        """Choose a file to send."""
        file = {"name": name, "mimeType": "text/csv", "buffer": data}
        self._page.locator('input[type="file"]').set_input_files(file)  # type: ignore[arg-type]

    def wait_for(self, text: str) -> None:
        """Look again until the page shows a text."""
        for _ in range(60):
            if self._page.get_by_text(text, exact=True).count():
                return
            self._page.wait_for_timeout(500)
            self._page.reload()
        raise TimeoutError(text)

    def text(self, pattern: str) -> str:
        """What the page says in this place."""
        found = re.search(pattern, self._page.locator("main").inner_text())
        assert found is not None, pattern
        return found[1]

    def picture(self, name: str) -> None:
        """Save what the page shows."""
        path = IMAGES / f"{name}.png"
        height = min(_MOST_HIGH, self._page.evaluate("document.documentElement.scrollHeight"))
        self._page.screenshot(path=path, full_page=True, clip={"x": 0, "y": 0, "width": _WIDE, "height": height})
        print(f"{path}: {self._page.title()}")

    def sign_in(self, user_name: str, password: str) -> None:
        """Enter both."""
        self.open("/sign-in")
        self.fill(user_name=user_name, password=password)
        self.press("Sign in")

    def agree(self) -> None:
        """Accept the User Agreement."""
        self.press("Accept")


@contextmanager
def _visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    with browser.new_context(viewport={"width": _WIDE, "height": 700}) as window:
        yield Visitor(window.new_page(), address)


@contextmanager
def _as(browser: Browser, address: str, role: Role, ukprn: str) -> Iterator[Visitor]:
    """A sample user, signed in."""
    name = next(one.user_name for one in sample_users() if (one.role, one.organisation.ukprn) == (role, ukprn))
    with _visitor(browser, address) as visitor:
        visitor.sign_in(name, sample_password())
        visitor.agree()
        yield visitor


def _first_sign_in(browser: Browser, address: str) -> str:
    """A super user creates an account, and its user signs in for the first time; the user name."""
    with _as(browser, address, Role.SUPER_USER, _AWARDING) as visitor:
        visitor.open("/users")
        visitor.fill(family_name="Penhaligon")
        visitor.press("Find User")
        visitor.open("/users/new")
        visitor.fill(
            given_name="Rosa", family_name="Penhaligon", email_address="rosa.penhaligon@merrowdale.example.org"
        )
        visitor.fill(verification="Staff ID checked by the registry", roles=Role.QCF_RECORD_SET_USER.value)
        visitor.press("Continue")
        visitor.press("Create User")
        visitor.picture("user-created")
        name, password = visitor.text(r"User name\s+(\S+)"), visitor.text(r"[Oo]ne-time password\s+(\S+)")
    with _visitor(browser, address) as visitor:
        visitor.sign_in(name, password)
        visitor.fill(password=password, new_password=_OWN_PASSWORD, new_password_again=_OWN_PASSWORD)
        visitor.picture("first-sign-in")
        visitor.press("Continue")
        visitor.agree()
        visitor.fill(question="PET", answer="Rover", answer_again="Rover")
        visitor.press("Continue")
        visitor.picture("welcome")
    return name


def _late_awards() -> bytes:
    """Two achievements of the examples, the second awarded in the future."""
    heads, first, second, *_ = csv_example(ACHIEVEMENTS).splitlines(keepends=True)
    return heads + first.replace(b'"FINAL","4"', b'"FINAL","2"') + second.replace(b"2026-07-03", b"2036-07-03")


def _file(browser: Browser, address: str, user_name: str) -> None:
    """The same user sends a file with an award date in the future, corrects it in place, and sends it again."""
    with _visitor(browser, address) as visitor:
        visitor.sign_in(user_name, _OWN_PASSWORD)
        visitor.agree()
        visitor.open("/achievement-batches/new")
        visitor.choose_file("autumn-awards.csv", _late_awards())
        visitor.picture("submit-batch")
        visitor.press("Upload and process")
        visitor.wait_for("Complete")
        visitor.picture("job")
        visitor.follow("See what is wrong with the failed records")
        visitor.picture("failed-records")
        visitor.follow("Correct record 2")
        visitor.fill(achievement_award_date="2026-07-03")
        visitor.press("Keep this correction")
        visitor.follow("Check and send the corrections")
        visitor.press("Send the corrected records")
        visitor.wait_for("Complete")
        visitor.picture("corrected-job")


def _provider(browser: Browser, address: str) -> None:
    """A provider searches for a learner, registers them, and prints the record of another."""
    person = {"given_name": "Tegan", "family_name": "Trevelyan", "last_known_post_code": "TR1 2XD", "gender": "2"}
    born = {f"date_of_birth__{part}": text for part, text in (("day", "14"), ("month", "3"), ("year", "2009"))}
    with _as(browser, address, Role.LRB_ONLINE_USER, PROVIDER) as visitor:
        visitor.open("/learners/by-details")
        visitor.fill(**person, **born)
        visitor.picture("find-learner")
        visitor.press("Find")
        visitor.open("/learners/new")
        visitor.fill(verification_type="2", ability_to_share="1")
        visitor.press("Continue")
        visitor.press("Register the learner")
        visitor.picture("learner-registered")
        learner = EXAMPLE_LEARNERS[0]
        visitor.open("/records")
        visitor.fill(uln=learner.uln, given_name=learner.given_name, family_name=learner.family_name)
        visitor.press("View the record")
        visitor.picture("record")
        visitor.follow("Create a report")
        visitor.press("Create the report")
        visitor.picture("printed-record")


def _at_the_levels(browser: Browser, address: str, month: Month) -> None:
    """The service manager looks at the last month."""
    with _as(browser, address, Role.SERVICE_MANAGER, _DESK) as visitor:
        visitor.open(f"/service/levels?month={month}")
        visitor.picture("service-levels")


def main() -> int:
    """Command line: 0 when every picture was taken."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        LocalService(state=Path(folder), say=print) as service,
        sync_playwright() as playwright,
    ):
        make_past_levels(service.services)
        enrich_example(service.services)
        browser = playwright.chromium.launch(executable_path=program(), args=["--no-sandbox"])
        address = service.portal_address
        _file(browser, address, _first_sign_in(browser, address))
        _provider(browser, address)
        _at_the_levels(browser, address, Month.of(service.services.clock()).previous)
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
