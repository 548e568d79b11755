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

    SIGNED_IN = "signed-in"
    """Held by every person who is signed in, whatever their roles, and by no system."""

    USERS_MANAGE = "users:manage"
    """Manage the organisation's users."""
    SETTINGS_MANAGE = "settings:manage"
    """See and change the organisation's own settings: credentials of its systems, addresses of emails, file drop."""

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
    CHALLENGES_ASSESS = "challenges:assess"
    """Assess every challenge, and assign it. Only for the service desk."""
    CHALLENGES_RESOLVE = "challenges:resolve"
    """Work on the challenges assigned to the organisation, and resolve them."""
    RECORDS_SHARE = "records:share"
    """Give a learner a time-limited link to their record."""

    CREDIT_CHECK = "credit:check"
    """Confirm a learner's claim to a unit, whichever organisation awarded it."""
    COMBINATIONS_READ = "combinations:read"
    """See which units lead to a qualification by its rules of combination, and which of them a learner holds."""
    ROUTES_READ = "routes:read"
    """See which qualifications a learner's units lead to (routes to achievement)."""

    PLANS_MANAGE = "plans:manage"
    """Create and maintain learner plans."""

    ORGANISATIONS_READ = "organisations:read"
    """See how the organisation is set up; the service desk sees every organisation."""
    ORGANISATIONS_MANAGE = "organisations:manage"
    """Register and suspend organisations, and grant them roles."""
    SUPER_USERS_REPLACE = "super-users:replace"
    """Replace a super user whom an organisation has lost."""
    SERVICE_LEVELS_READ = "service-levels:read"
    """See how the service performs against its targets."""
    TIMELINESS_READ = "timeliness:read"
    """See what came in time and late, of the organisation; service managers see it of all."""
    MAINTENANCE_MANAGE = "maintenance:manage"
    """Enter, change and cancel maintenance windows; record downtime, and recoveries from disaster."""
    REFERENCE_DATA_MANAGE = "reference-data:manage"
    """Manage reference lists and how long data are kept."""


class Role(StrEnum):
    """Roles of users: of awarding organisations (with the names of AO18 Appendix A), providers, careers services, and
    those who run the service.
    """

    SUPER_USER = "LRB Super User"
    AWARDING_BODY_BATCH_USER = "Awarding Body Batch User"
    AWARDING_BODY_USER = "Awarding Body User"
    QCF_RECORD_SET_USER = "QCF Record Set User"
    QCF_USER = "QCF User"
    LRB_BATCH_USER = "LRB Batch User"
    LRB_ONLINE_USER = "LRB Online User"
    LRB_VIEW_LEARNER_ONLY = "LRB View Learner Only"
    LEARNER_PLAN_USER = "Learner Plan User"
    ADVISER = "Adviser"
    SERVICE_DESK = "Service Desk"
    SERVICE_MANAGER = "Service Manager"
    ADMINISTRATOR = "Administrator"


_QUERIES = frozenset({Capability.CREDIT_CHECK, Capability.COMBINATIONS_READ})
"""Queries of qualifications that both kinds of organisation may make; awarding organisations get no routes."""

ROLE_CAPABILITIES: Mapping[Role, frozenset[Capability]] = {
    # "This user role will only give the user access to User Management." The settings are those of the organisation
    # for which a super user answers, and show nothing of learners.
    Role.SUPER_USER: frozenset({Capability.USERS_MANAGE, Capability.SETTINGS_MANAGE}),
    Role.AWARDING_BODY_BATCH_USER: frozenset(
        {
            Capability.ORGANISATIONS_READ,
            Capability.VERIFICATION_BATCHES_SUBMIT,
            Capability.VERIFICATION_BATCHES_MANAGE,
            Capability.VERIFICATION_BATCHES_RETRIEVE,
        }
    ),
    Role.AWARDING_BODY_USER: frozenset({Capability.ORGANISATIONS_READ, Capability.LEARNERS_VERIFY}),
    Role.QCF_RECORD_SET_USER: frozenset(
        {
            Capability.ORGANISATIONS_READ,
            Capability.ACHIEVEMENT_BATCHES_SUBMIT,
            Capability.ACHIEVEMENT_BATCHES_MANAGE,
            Capability.ACHIEVEMENT_BATCHES_RETRIEVE,
            Capability.TIMELINESS_READ,
            *_QUERIES,
        }
    ),
    # The record is the LRB's: an awarding organisation sees what it submitted, and resolves challenges to it.
    Role.QCF_USER: frozenset(
        {
            Capability.ORGANISATIONS_READ,
            Capability.ACHIEVEMENTS_MANAGE,
            Capability.TIMELINESS_READ,
            Capability.CHALLENGES_RESOLVE,
            *_QUERIES,
        }
    ),
    Role.LRB_BATCH_USER: frozenset(
        {
            Capability.ORGANISATIONS_READ,
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
            Capability.ORGANISATIONS_READ,
            Capability.LEARNERS_VERIFY,
            Capability.LEARNERS_FIND,
            Capability.LEARNERS_REGISTER,
            Capability.LEARNERS_UPDATE,
            Capability.PENDING_MATCHES_MANAGE,
            Capability.RECORDS_READ,
            Capability.RECORDS_AVAILABILITY,
            Capability.RECORDS_ACCESS_LOG,
            Capability.RECORDS_SHARE,
            Capability.CHALLENGES_RAISE,
            Capability.ROUTES_READ,
            *_QUERIES,
        }
    ),
    Role.LRB_VIEW_LEARNER_ONLY: frozenset(
        {Capability.ORGANISATIONS_READ, Capability.LEARNERS_FIND, Capability.RECORDS_READ}
    ),
    Role.LEARNER_PLAN_USER: frozenset({Capability.PLANS_MANAGE}),
    Role.ADVISER: frozenset({Capability.RECORDS_READ, Capability.RECORDS_SHARE, Capability.ROUTES_READ, *_QUERIES}),
    Role.SERVICE_DESK: frozenset(
        {
            Capability.ORGANISATIONS_READ,
            Capability.LEARNERS_FIND,
            Capability.LEARNERS_UPDATE,
            Capability.LEARNERS_LINK,
            Capability.RECORDS_READ,
            Capability.RECORDS_AVAILABILITY,
            Capability.RECORDS_ACCESS_LOG,
            Capability.CHALLENGES_RAISE,
            Capability.CHALLENGES_ASSESS,
            Capability.ORGANISATIONS_MANAGE,
            Capability.SUPER_USERS_REPLACE,
        }
    ),
    Role.SERVICE_MANAGER: frozenset(
        {Capability.SERVICE_LEVELS_READ, Capability.MAINTENANCE_MANAGE, Capability.TIMELINESS_READ}
    ),
    Role.ADMINISTRATOR: frozenset({Capability.ORGANISATIONS_MANAGE, Capability.REFERENCE_DATA_MANAGE}),
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
SERVICE_ROLES = frozenset({Role.SERVICE_DESK, Role.SERVICE_MANAGER, Role.ADMINISTRATOR})
"""Roles of those who run the service."""
PEOPLE_ROLES = frozenset({Role.SUPER_USER, Role.LEARNER_PLAN_USER, Role.ADVISER}) | SERVICE_ROLES
"""Roles for people, who are accountable for what they do; the service desk's own systems may have those of the desk and
of the service manager.
"""
OF_PEOPLE = frozenset(
    {
        Capability.USERS_MANAGE,
        Capability.SETTINGS_MANAGE,
        Capability.ORGANISATIONS_MANAGE,
        Capability.SUPER_USERS_REPLACE,
    }
)
"""What no system may do, not even the service desk's: decide who has access."""


def grantable(
    *, is_awarding_organisation: bool, is_service_desk: bool = False, is_adviser: bool = False
) -> frozenset[Capability]:
    """Every scope that the systems of an organisation of this kind may have (IDM-11); advisers are people only."""
    if is_adviser:
        return frozenset()
    if is_service_desk:
        return capabilities_of({Role.SERVICE_DESK, Role.SERVICE_MANAGER}) - OF_PEOPLE
    if is_awarding_organisation:
        return capabilities_of(AWARDING_ORGANISATION_ROLES)
    return capabilities_of(frozenset(Role) - AWARDING_ORGANISATION_ROLES - PEOPLE_ROLES | BOTH_KINDS_ROLES)


def grantable_roles(
    *, is_awarding_organisation: bool, is_service_desk: bool = False, is_adviser: bool = False
) -> frozenset[Role]:
    """Every role that the users of an organisation of this kind may have (IDM-07)."""
    if is_adviser:
        return frozenset({Role.ADVISER, Role.SUPER_USER})
    if is_service_desk:
        return SERVICE_ROLES | {Role.SUPER_USER}
    if is_awarding_organisation:
        return AWARDING_ORGANISATION_ROLES | {Role.SUPER_USER}
    return frozenset(Role) - SERVICE_ROLES - AWARDING_ORGANISATION_ROLES | BOTH_KINDS_ROLES


def is_allowed(held: Iterable[str], needed: Capability) -> bool:
    """Whether the capabilities held, given as texts, include the one needed."""
    return needed is Capability.PUBLIC or needed in frozenset(held)
