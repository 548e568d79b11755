"""Places in the inbox: where files are read, and whom the path of any other file names (ACH-06, SEC-03).

A file is read at ``drop/<ukprn>/<kind>/<name>``, where an organisation puts it, and at
``upload/<ukprn>/<kind>/<job>/<name>``, where an upload form puts it. A file elsewhere is never read; if its path names
an organisation, that organisation gets the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from chalicelib.domain.jobs import ACHIEVEMENTS, LEARNERS, VERIFICATIONS, Job
from chalicelib.ports.accounts import Organisation
from chalicelib.services.batches.kinds import KINDS

_PLACE = rf"(?P<ukprn>[0-9]{{8}})/(?P<kind>{'|'.join(KINDS)})"
_DROP = re.compile(rf"drop/{_PLACE}/[^/]+")
_UPLOAD = re.compile(rf"upload/{_PLACE}/(?P<job>[A-Za-z0-9_-]+)/[^/]+")
_UKPRN = re.compile(r"[0-9]{8}")
_STANDARD_NAME = re.compile(r"[A-Za-z]{3}_([0-9]{8})_")
_HINTS: Final = {"achiev": ACHIEVEMENTS, "qcf": ACHIEVEMENTS, "verif": VERIFICATIONS, "vld": VERIFICATIONS}
_HINTS_OF_LEARNERS: Final = ("learner", "lrb")
_MOST_NAMED: Final = 3
"""The most UKPRNs of a path that are looked up."""


class Place(NamedTuple):
    """A place where files are read."""

    ukprn: str
    kind: str
    job_id: str = ""
    """The job of an upload form."""


def drop_folder(ukprn: str, kind: str) -> str:
    """Where an organisation puts its files of a kind."""
    return f"drop/{ukprn}/{kind}/"


def upload_folder(job: Job) -> str:
    """Where the upload form of a job puts its file."""
    return f"upload/{job.ukprn}/{job.kind}/{job.job_id}/"


def read_place(key: str) -> Place | None:
    """The place of a file; None if files are not read there."""
    if dropped := _DROP.fullmatch(key):
        return Place(dropped["ukprn"], dropped["kind"])
    if uploaded := _UPLOAD.fullmatch(key):
        return Place(uploaded["ukprn"], uploaded["kind"], uploaded["job"])
    return None


def named_ukprns(key: str) -> tuple[str, ...]:
    """The UKPRNs that the path of a file names: its folders first, then a file name in the standard format."""
    return tuple(dict.fromkeys(_named(key)))[:_MOST_NAMED]


def _named(key: str) -> Iterator[str]:
    *folders, name = key.split("/")
    yield from filter(_UKPRN.fullmatch, folders)
    if standard := _STANDARD_NAME.match(name):
        yield standard[1]


def probable_kind(key: str, organisation: Organisation | None) -> str:
    """The kind of batch that a file in a wrong place probably is: by its path, otherwise by its organisation."""
    path = key.casefold()
    for hint, kind in _HINTS.items():
        if hint in path:
            return kind
    if organisation is None or organisation.is_awarding_organisation:
        return LEARNERS if any(hint in path for hint in _HINTS_OF_LEARNERS) else ACHIEVEMENTS
    return LEARNERS
