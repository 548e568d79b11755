"""Why a load of a register has to be accepted, in words (QUAL-01)."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.register_checks import Doubt, Objection
from chalicelib.formats.words.texts import Text

OBJECTIONS: Final = {
    Doubt.GONE: "{affected} of {of} ({share}) would go",
    Doubt.BACK: "{affected} would come back, beside {of}",
    Doubt.NEW: "{affected} would be new, beside {of}",
    Doubt.OWNER: "{affected} of {of} ({share}) could be awarded by others",
    Doubt.DATES: "{affected} of {of} ({share}) would have other dates",
    Doubt.TITLE: "{affected} of {of} ({share}) would have another title",
    Doubt.GRADES: "{affected} of {of} ({share}) would have other grades",
    Doubt.DETAILS: "{affected} of {of} ({share}) would have other details",
    Doubt.NO_OWNER: "{affected} of {of} ({share}) have no owner, so nobody can award them",
    Doubt.ONE_OWNER: "{affected} of {of} ({share}) have the same owner",
    Doubt.LEFT_OUT: "{affected} of {of} rows ({share}) cannot be used",
    Doubt.EMPTY: "the file has no rows",
    Doubt.CUT_OFF: "the last row is incomplete, as if the end of the file were missing",
}
OF_OWNER: Final = " of {owner}"
AT_MOST: Final = "; at most {most} may"


def objection_text(objection: Objection) -> Text:
    """An objection in words."""
    numbers = {name: f"{getattr(objection, name):,}" for name in ("affected", "of", "most")}
    share = objection.affected / objection.of if objection.of else 0
    values = {
        "subject": objection.subject,
        "owner": Text(OF_OWNER, {"owner": objection.owner}) if objection.owner else "",
        "what": Text(OBJECTIONS[objection.doubt], {**numbers, "share": f"{share:.0%}"}),
        "limit": Text(AT_MOST, numbers) if objection.most else "",
    }
    return Text("{subject}{owner}: {what}{limit}", values)
