"""What each scope of a system's credential is for, as the form that issues one says it (IDM-11)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chalicelib.domain.access import Capability as Can
from chalicelib.web.portal.texts import marked as _

SCOPE_WORDS: Final[Mapping[str, str]] = {
    Can.ORGANISATIONS_READ: _("See how your organisation is set up"),
    Can.LEARNERS_VERIFY: _("Verify single learners"),
    Can.LEARNERS_FIND: _("Find learners"),
    Can.LEARNERS_REGISTER: _("Register learners"),
    Can.LEARNERS_UPDATE: _("Update learners"),
    Can.LEARNERS_LINK: _("Link the ULNs of one person"),
    Can.PENDING_MATCHES_MANAGE: _("Decide on possible matches"),
    Can.LEARNER_BATCHES_SUBMIT: _("Send learner files"),
    Can.LEARNER_BATCHES_MANAGE: _("See and cancel learner files"),
    Can.LEARNER_BATCHES_RETRIEVE: _("Get the results of learner files"),
    Can.VERIFICATION_BATCHES_SUBMIT: _("Send verification files"),
    Can.VERIFICATION_BATCHES_MANAGE: _("See and cancel verification files"),
    Can.VERIFICATION_BATCHES_RETRIEVE: _("Get the results of verification files"),
    Can.ACHIEVEMENTS_MANAGE: _("Create, update, withdraw and reinstate single achievements"),
    Can.ACHIEVEMENT_BATCHES_SUBMIT: _("Send achievement files"),
    Can.ACHIEVEMENT_BATCHES_MANAGE: _("See and cancel achievement files"),
    Can.ACHIEVEMENT_BATCHES_RETRIEVE: _("Get the results of achievement files"),
    Can.RECORDS_READ: _("Read personal learning records"),
    Can.RECORDS_AVAILABILITY: _("Change whether a record is available"),
    Can.RECORDS_ACCESS_LOG: _("See who looked at a record"),
    Can.RECORDS_SHARE: _("Share a record with its learner"),
    Can.CHALLENGES_RAISE: _("Report problems with records"),
    Can.CHALLENGES_ASSESS: _("Assess reported problems"),
    Can.CHALLENGES_RESOLVE: _("Resolve reported problems"),
    Can.CREDIT_CHECK: _("Perform credit checks"),
    Can.COMBINATIONS_READ: _("See rules of combination"),
    Can.ROUTES_READ: _("See routes to achievement"),
    Can.TIMELINESS_READ: _("See what came in time and late"),
    Can.SERVICE_LEVELS_READ: _("See the service levels"),
    Can.MAINTENANCE_MANAGE: _("Manage maintenance windows"),
}
