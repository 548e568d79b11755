"""An administrator puts a reference list in force, goes back, and looks at loads of registers."""

from __future__ import annotations

from chalicelib.domain.access import Role
from tests.builders.functions import DESK, Functions
from tests.integration.pages.people import newcomer

_LIST = "/admin/reference-lists/given-name-synonyms.csv"


def use(functions: Functions) -> None:
    """The pages of administrators."""
    browser = newcomer(functions, DESK, Role.ADMINISTRATOR)
    for names in (b"amelia, milly\n", b"amelia, mills\n"):
        browser.open(_LIST)
        place = browser.upload(_LIST, ("names.csv", names), control="list").location
        base = functions.services.reference_lists.all()[2].version
        browser.open(place)
        assert browser.submit(place, base=base).location == _LIST
    former = functions.services.reference_lists.versions("given-name-synonyms.csv")[-1].version
    assert "Removed: 1" in browser.open(f"{_LIST}/{former}").body
    assert browser.get(f"{_LIST}/{former}/file").body == "amelia, milly\n"
    assert browser.open("/admin/register-loads").status == 200
