"""What each page costs: the calls to DynamoDB with their capacity units, and to other services, of one request.

A family adds a line for each of its main pages. Every page reads its session once, which costs 3 read units: session,
account and organisation, strongly consistent. A look at a learner is written twice: for the learner, and for the super
users of the person's organisation. Names in braces, in a path or in what is entered, stand for what
:class:`tests.budget.stage.Stage` knows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

AWARDING, PROVIDER, DESK = "90000051", "90000101", "90000001"
"""Organisations of the sample world, with somebody who has every role that such an organisation can grant."""
NOBODY = ""
"""Somebody who is not signed in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One request, and what it costs."""

    page: str
    """Its name in the table of pages."""
    path: str
    calls: int
    reads: float
    writes: int = 0
    """Write units, an entry of the audit log among them."""
    others: int = 0
    """Calls to SQS, S3, SES and Lambda."""
    by: str = AWARDING
    entered: Mapping[str, str] = field(default_factory=dict)
    """What a form is filled in with; it is opened first, which is not counted."""
    sends_file: bool = False
    """Whether a batch file is sent with it."""


_NAMES: Final = {"uln": "{uln}", "given_name": "{given_name}", "family_name": "{family_name}"}
_UNKNOWN: Final = {
    "given_name": "Gethin", "family_name": "Rowlands", "date_of_birth-day": "9", "date_of_birth-month": "1",
    "date_of_birth-year": "2003", "gender": "1", "last_known_post_code": "ZZ99 9ZZ",
}  # fmt: skip
_VERIFIED: Final = {"verification_type": "1", "ability_to_share": "1"}
_CONFIRMED: Final = {"confirmed": "yes"}
"""Of a page whose form has nothing to enter."""

PAGES: Final = (
    Cost(page="show_sign_in", path="/sign-in", by=NOBODY, calls=0, reads=0),
    Cost(page="show_help", path="/help", by=NOBODY, calls=0, reads=0),
    Cost(
        page="submit_sign_in",
        path="/sign-in",
        by=NOBODY,
        entered={"user_name": "{user_name}", "password": "{password}"},
        calls=8,
        reads=3,
        writes=6,
    ),
    # The jobs that this person sent last, of each kind of batch that an awarding organisation sends.
    Cost(page="show_home", path="/", calls=4, reads=4.5),
    Cost(page="show_session", path="/account/session", calls=1, reads=3),
    Cost(page="show_account", path="/account", calls=3, reads=4, writes=1),
    Cost(page="show_own_contact", path="/account/contact-details", calls=3, reads=4, writes=1),
    Cost(
        page="submit_own_contact",
        path="/account/contact-details",
        entered={"email_address": "amelia@awards.example", "landline": "01632 960001"},
        calls=8,
        reads=7,
        writes=6,
        others=1,
    ),
    Cost(page="show_organisations", path="/desk/organisations", by=DESK, calls=3, reads=3.5, writes=1),
    Cost(page="show_organisation", path="/desk/organisations/90000051", by=DESK, calls=4, reads=6),
    Cost(page="show_lists", path="/admin/reference-lists", by=DESK, calls=1, reads=3, others=1),
    Cost(page="show_register_loads", path="/admin/register-loads", by=DESK, calls=1, reads=3, others=6),
    # Beside the session, which catalogue is in force.
    Cost(page="show_load_again", path="/admin/register-loads/registers/{load}", by=DESK, calls=2, reads=4, others=2),
    Cost(
        page="show_load_acceptance",
        path="/admin/register-loads/registers/{load}/accept",
        by=DESK,
        calls=2,
        reads=4,
        others=2,
    ),
    # These two read every open job, so they come before the upload that makes another.
    Cost(page="show_deadlines", path="/service/deadlines", by=DESK, calls=3, reads=4.5, others=4),
    Cost(page="show_stuck_jobs", path="/admin/jobs", by=DESK, calls=3, reads=4.5, others=4),
    Cost(page="show_messages_again", path="/admin/jobs/queues/chunks/messages", by=DESK, calls=1, reads=3, others=1),
    Cost(page="show_service_settings", path="/admin/settings", by=DESK, calls=1, reads=3),
    Cost(page="show_achievements", path="/achievements", calls=1, reads=3),
    Cost(page="show_submitted_achievements", path="/achievements/submitted", calls=6, reads=5, writes=1),
    Cost(page="list_achievement_batches", path="/achievement-batches", calls=3, reads=4),
    Cost(page="show_achievement_batch", path="/achievement-batches/{job}", calls=3, reads=5),
    Cost(
        page="show_achievement_batch_errors",
        path="/achievement-batches/{job}/errors",
        calls=4,
        reads=5,
        writes=1,
        others=2,
    ),
    Cost(
        page="show_achievement_batch_record",
        path="/achievement-batches/{job}/records/1",
        calls=4,
        reads=5,
        writes=1,
        others=2,
    ),
    Cost(page="show_new_achievement_batch", path="/achievement-batches/new", calls=1, reads=3),
    Cost(
        page="submit_new_achievement_batch",
        path="/achievement-batches/new",
        entered={"encoding": "utf-8"},
        sends_file=True,
        calls=7,
        reads=6,
        writes=3,
        others=1,
    ),
    Cost(page="show_verify", path="/verify", by=PROVIDER, calls=1, reads=3),
    Cost(page="submit_verify", path="/verify", by=PROVIDER, entered=_NAMES, calls=2, reads=3, writes=1),
    Cost(page="show_verified", path="/verify/result", by=PROVIDER, calls=4, reads=4, writes=3),
    Cost(page="submit_find_by_uln", path="/learners", by=PROVIDER, entered=_NAMES, calls=2, reads=3, writes=1),
    Cost(page="show_learner", path="/learners/{uln}", by=PROVIDER, calls=3, reads=4, writes=2),
    Cost(page="show_edit", path="/learners/{uln}/edit", by=PROVIDER, calls=3, reads=4, writes=2),
    Cost(page="show_exceptions", path="/exceptions", by=PROVIDER, calls=3, reads=3.5, writes=1),
    Cost(page="show_timeliness", path="/timeliness", calls=3, reads=4.5),
    Cost(
        page="submit_records",
        path="/records",
        by=DESK,
        entered={"uln": "{uln}", "given_name": "{given_name}", "family_name": "{family_name}"},
        calls=2,
        reads=3,
        writes=1,
    ),
    Cost(page="show_record", path="/learners/{uln}/record", by=DESK, calls=5, reads=7, writes=2),
    Cost(page="show_printed_record", path="/learners/{uln}/record/print", by=DESK, calls=3, reads=5, writes=2),
    Cost(page="show_availability", path="/learners/{uln}/availability", by=DESK, calls=1, reads=3),
    Cost(page="show_access_log", path="/learners/{uln}/access-log", by=DESK, calls=4, reads=5.5, writes=2),
    Cost(page="show_users", path="/users", calls=5, reads=6, writes=1),
    Cost(page="show_activity", path="/activity", calls=6, reads=6, writes=1),
    Cost(page="show_settings", path="/organisation", calls=2, reads=4),
    Cost(page="show_credentials", path="/organisation/credentials", calls=2, reads=4),
    Cost(page="show_service_levels", path="/service/levels", by=DESK, calls=8, reads=8.5),
    # Of a month with requests that failed, whatever its number of hours.
    Cost(page="show_level_faults", path="/service/levels/functions/VLD-01/faults", by=DESK, calls=7, reads=7.5),
    Cost(page="show_maintenance", path="/service/maintenance", by=DESK, calls=3, reads=4.5),
    Cost(page="show_recoveries", path="/service/recoveries", by=DESK, calls=2, reads=4),
    Cost(page="show_downtime", path="/service/downtime", by=DESK, calls=5, reads=5.5),
    Cost(page="show_status", path="/status", by=NOBODY, calls=1, reads=1),
    # The journeys of the day, from the form to what was saved; each needs the one before it.
    Cost(
        page="submit_find_by_details",
        path="/learners/by-details",
        by=PROVIDER,
        entered=_UNKNOWN,
        calls=2,
        reads=3,
        writes=1,
    ),
    Cost(page="show_learners_found", path="/learners/results", by=PROVIDER, calls=8, reads=9, writes=1),
    Cost(
        page="submit_new_learner",
        path="/learners/new",
        by=PROVIDER,
        entered=_UNKNOWN | _VERIFIED,
        calls=2,
        reads=3,
        writes=1,
    ),
    Cost(
        page="submit_new_learner_check",
        path="/learners/new/check",
        by=PROVIDER,
        entered=_CONFIRMED,
        calls=14,
        reads=10,
        writes=24,
    ),
    Cost(page="submit_users", path="/users", entered={"family_name": "Featherstone"}, calls=2, reads=3, writes=1),
    Cost(
        page="filter_achievement_batches",
        path="/achievement-batches",
        entered={"name": "901"},
        calls=2,
        reads=3,
        writes=1,
    ),
)
