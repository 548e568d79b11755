"""What each role is for, as the home page tells its holder (AO18 Appendix A)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from chalicelib.domain.access import Role
from chalicelib.formats.words.texts import Text, joined

_WORDS: Final[Mapping[Role, str]] = {
    Role.SUPER_USER: "Manage the users of your organisation. This role shows no learner data.",
    Role.AWARDING_BODY_BATCH_USER: "Verify learners in files.",
    Role.AWARDING_BODY_USER: "Verify learners one at a time.",
    Role.QCF_RECORD_SET_USER: "Send files of achievements and get their results.",
    Role.QCF_USER: "Manage single achievements.",
    Role.LRB_BATCH_USER: "Register, update and verify learners in files, and decide on possible matches.",
    Role.LRB_ONLINE_USER: "Find, register and update learners, and see their records.",
    Role.LRB_VIEW_LEARNER_ONLY: "Find learners and see their records.",
    Role.LEARNER_PLAN_USER: "Create and maintain learner plans. There are no pages for this yet.",
    Role.ADVISER: "See learners’ records.",
    Role.SERVICE_DESK: "Support organisations, and link learners’ numbers.",
    Role.SERVICE_MANAGER: "See how the service performs, and plan maintenance.",
    Role.ADMINISTRATOR: "Register organisations, and manage reference data.",
}

ROLE_WORDS: Final[Mapping[Role, Text]] = {role: Text(words) for role, words in _WORDS.items()}
ROLE_NAMES: Final[Mapping[Role, Text]] = {role: Text(role.value) for role in Role}
TEXTS: Final = tuple(ROLE_WORDS.values())
"""For the catalogue of texts."""


def names_of(roles: Collection[Role]) -> Text:
    """Their names, in the order of the roles' table."""
    return joined((name for role, name in ROLE_NAMES.items() if role in roles), ", ")
