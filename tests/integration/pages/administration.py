"""An administrator puts a reference list in force, goes back, has data loaded, and sends messages again."""

from __future__ import annotations

import re

from chalicelib.domain.access import Role
from chalicelib.ports.messages import source_message
from chalicelib.services.batches.deadlines import DEAD, QUEUES
from tests.builders.functions import DESK, Functions
from tests.integration.pages.people import newcomer

_LOADS = "/admin/register-loads"
_LIST = "/admin/reference-lists/given-name-synonyms.csv"


def give_up_messages(functions: Functions, done: str) -> None:
    """A message of each queue was tried too often; the job is done, so that they change nothing."""
    job = functions.services.jobs.get(done)
    assert job is not None
    assert job.source is not None
    messages = {"intake": source_message(job.source, job.submitted_at), "chunks": {"job": done, "chunk": 0}}
    for queue in QUEUES:
        functions.services.queues.send(DEAD.format(queue), [messages.get(queue, {"job": done})])


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
    for kind in ("registers", "feeds"):
        browser.open(_LOADS)
        assert browser.submit(f"{_LOADS}/{kind}", after="0").location == _LOADS
    seen = browser.open(_LOADS).text
    assert seen.count("Result of the load that was started") == 2
    for path in re.findall(rf'href="({_LOADS}/[^"]+)"', browser.seen.body):
        assert browser.get(path).status == 200
    for queue in QUEUES:
        place = f"/admin/jobs/queues/{queue}/messages"
        browser.open(place)
        assert browser.submit(place).location == "/admin/jobs"
        assert "sent again" in browser.open("/admin/jobs").body
