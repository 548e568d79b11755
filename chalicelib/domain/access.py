"""Who may do what: one table of role × capability (IDM-07, SEC-01, AO18 Appendix A).

A capability is one thing the service can do; its text is also the scope of a web-service credential. Roles only bundle
capabilities and may be mixed and matched. Every route and page declares exactly one capability, and one that declares
none is refused, so this table holds all of the access rules.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Capability(StrEnum):
    """One thing that a caller may be allowed to do."""

    PUBLIC = "public"
    """Needs no credential. Only for responses with no data of any organisation or learner."""

    USERS_MANAGE = "users:manage"
    """Manage the organisation's users."""

    LEARNERS_VERIFY = "learners:verify"
    """Verify the details of single learners."""
    VERIFICATION_BATCHES_SUBMIT = "verification-batches:submit"
    """Send files of learners to verify."""
    VERIFICATION_BATCHES_MANAGE = "verification-batches:manage"
    """See the status of the organisation's verification files and cancel them."""
    VERIFICATION_BATCHES_RETRIEVE = "verification-batches:retrieve"
    """Get the results of verification files, which contain learners' data."""

    ACHIEVEMENTS_MANAGE = "achievements:manage"
    """See, create, update, withdraw and reinstate single achievements; see the submission history."""
    ACHIEVEMENT_BATCHES_SUBMIT = "achievement-batches:submit"
    """Send files of achievements."""
    ACHIEVEMENT_BATCHES_MANAGE = "achievement-batches:manage"
    """See the status of the organisation's achievement files and cancel them."""
    ACHIEVEMENT_BATCHES_RETRIEVE = "achievement-batches:retrieve"
    """Get the results of achievement files, which contain learners' data."""

    LEARNERS_FIND = "learners:find"
    """Find learners by ULN and names, or by their details."""
    LEARNERS_REGISTER = "learners:register"
    """Register learners and allocate ULNs."""
    LEARNERS_UPDATE = "learners:update"
    """Change learners' details."""
    LEARNERS_LINK = "learners:link"
    """Link and unlink two ULNs of one person. Only for the service desk."""
    LEARNER_BATCHES_SUBMIT = "learner-batches:submit"
    """Send files of learners to register and update."""
    LEARNER_BATCHES_MANAGE = "learner-batches:manage"
    """See the status of the organisation's learner files and cancel them."""
    LEARNER_BATCHES_RETRIEVE = "learner-batches:retrieve"
    """Get the results of learner files, which contain learners' data."""
    PENDING_MATCHES_MANAGE = "pending-matches:manage"
    """See the organisation's registrations that are waiting for a decision, and decide on them."""

    RECORDS_READ = "records:read"
    """Read a learner's record. If the learner does not share it, read only what the organisation submitted."""
    RECORDS_AVAILABILITY = "records:availability"
    """Make a record available or unavailable at the learner's request."""
    RECORDS_ACCESS_LOG = "records:access-log"
    """See who looked at a record."""
    CHALLENGES_RAISE = "challenges:raise"
    """Report a problem with a learner's event or ULN, and see the result."""

    CREDIT_CHECK = "credit:check"
    """Check a learner's credit against a qualification's rules."""


class Role(StrEnum):
    """Roles of users: of awarding organisations (with the names of AO18 Appendix A), providers and the service desk."""

    SUPER_USER = "LRB Super User"
    AWARDING_BODY_BATCH_USER = "Awarding Body Batch User"
    AWARDING_BODY_USER = "Awarding Body User"
    QCF_RECORD_SET_USER = "QCF Record Set User"
    QCF_USER = "QCF User"
    LRB_BATCH_USER = "LRB Batch User"
    LRB_ONLINE_USER = "LRB Online User"
    LRB_VIEW_LEARNER_ONLY = "LRB View Learner Only"
    SERVICE_DESK = "Service Desk"


ROLE_CAPABILITIES: Mapping[Role, frozenset[Capability]] = {
    # "This user role will only give the user access to User Management."
    Role.SUPER_USER: frozenset({Capability.USERS_MANAGE}),
    Role.AWARDING_BODY_BATCH_USER: frozenset(
        {
            Capability.VERIFICATION_BATCHES_SUBMIT,
            Capability.VERIFICATION_BATCHES_MANAGE,
            Capability.VERIFICATION_BATCHES_RETRIEVE,
        }
    ),
    Role.AWARDING_BODY_USER: frozenset({Capability.LEARNERS_VERIFY}),
    Role.QCF_RECORD_SET_USER: frozenset(
        {
            Capability.ACHIEVEMENT_BATCHES_SUBMIT,
            Capability.ACHIEVEMENT_BATCHES_MANAGE,
            Capability.ACHIEVEMENT_BATCHES_RETRIEVE,
            Capability.CREDIT_CHECK,
        }
    ),
    Role.QCF_USER: frozenset(
        {
            Capability.ACHIEVEMENTS_MANAGE,
            Capability.CREDIT_CHECK,
            Capability.RECORDS_READ,
            Capability.RECORDS_AVAILABILITY,
            Capability.CHALLENGES_RAISE,
        }
    ),
    Role.LRB_BATCH_USER: frozenset(
        {
            Capability.LEARNER_BATCHES_SUBMIT,
            Capability.LEARNER_BATCHES_MANAGE,
            Capability.LEARNER_BATCHES_RETRIEVE,
            Capability.PENDING_MATCHES_MANAGE,
            Capability.VERIFICATION_BATCHES_SUBMIT,
            Capability.VERIFICATION_BATCHES_MANAGE,
            Capability.VERIFICATION_BATCHES_RETRIEVE,
        }
    ),
    Role.LRB_ONLINE_USER: frozenset(
        {
            Capability.LEARNERS_FIND,
            Capability.LEARNERS_REGISTER,
            Capability.LEARNERS_UPDATE,
            Capability.PENDING_MATCHES_MANAGE,
            Capability.RECORDS_READ,
            Capability.RECORDS_AVAILABILITY,
            Capability.RECORDS_ACCESS_LOG,
            Capability.CHALLENGES_RAISE,
        }
    ),
    Role.LRB_VIEW_LEARNER_ONLY: frozenset({Capability.LEARNERS_FIND, Capability.RECORDS_READ}),
    Role.SERVICE_DESK: frozenset(
        {
            Capability.LEARNERS_FIND,
            Capability.LEARNERS_UPDATE,
            Capability.LEARNERS_LINK,
            Capability.RECORDS_READ,
            Capability.RECORDS_AVAILABILITY,
            Capability.RECORDS_ACCESS_LOG,
        }
    ),
}


def capabilities_of(roles: Iterable[Role]) -> frozenset[Capability]:
    """Everything that a user with these roles may do."""
    return frozenset(capability for role in roles for capability in ROLE_CAPABILITIES[role])


AWARDING_ORGANISATION_ROLES = frozenset(
    {Role.AWARDING_BODY_BATCH_USER, Role.AWARDING_BODY_USER, Role.QCF_RECORD_SET_USER, Role.QCF_USER}
)
"""Roles of awarding organisations."""
BOTH_KINDS_ROLES = frozenset({Role.AWARDING_BODY_BATCH_USER, Role.AWARDING_BODY_USER})
"""Those of them that organisations which register learners may have too: both verify learners' details (VLD)."""
PEOPLE_ROLES = frozenset({Role.SUPER_USER, Role.SERVICE_DESK})
"""Roles for people, who are accountable for what they do. Only the service desk's own systems may have them."""


def grantable(*, is_awarding_organisation: bool, is_service_desk: bool = False) -> frozenset[Capability]:
    """Every scope that the systems of an organisation of this kind may have (IDM-11)."""
    if is_service_desk:
        return capabilities_of({Role.SERVICE_DESK})
    if is_awarding_organisation:
        return capabilities_of(AWARDING_ORGANISATION_ROLES)
    return capabilities_of(frozenset(Role) - AWARDING_ORGANISATION_ROLES - PEOPLE_ROLES | BOTH_KINDS_ROLES)


def is_allowed(held: Iterable[str], needed: Capability) -> bool:
    """Whether the capabilities held, given as texts, include the one needed."""
    return needed is Capability.PUBLIC or needed in frozenset(held)
