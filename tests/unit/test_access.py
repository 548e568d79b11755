"""The table of role × capability."""

import pytest

from chalicelib.domain.access import (
    AWARDING_ORGANISATION_ROLES,
    OF_PEOPLE,
    ROLE_CAPABILITIES,
    Capability,
    Role,
    capabilities_of,
    grantable,
    is_allowed,
)


@pytest.mark.req("IDM-07")
def test_every_role_of_appendix_a_has_its_capabilities() -> None:
    assert set(ROLE_CAPABILITIES) == set(Role)
    assert all(ROLE_CAPABILITIES.values())


@pytest.mark.req("IDM-07")
def test_a_super_user_manages_users_and_can_do_nothing_else() -> None:
    assert capabilities_of([Role.SUPER_USER]) == {Capability.USERS_MANAGE, Capability.SETTINGS_MANAGE}
    holders = {role for role, held in ROLE_CAPABILITIES.items() if Capability.USERS_MANAGE in held}
    assert holders == {Role.SUPER_USER}


@pytest.mark.req("IDM-07", "ACH-07")
def test_only_a_record_set_user_submits_manages_and_retrieves_achievement_batches() -> None:
    batch = {
        Capability.ACHIEVEMENT_BATCHES_SUBMIT,
        Capability.ACHIEVEMENT_BATCHES_MANAGE,
        Capability.ACHIEVEMENT_BATCHES_RETRIEVE,
    }
    assert {role for role, held in ROLE_CAPABILITIES.items() if held & batch} == {Role.QCF_RECORD_SET_USER}
    assert batch <= capabilities_of([Role.QCF_RECORD_SET_USER])


@pytest.mark.req("IDM-07", "PLR-01", "SEC-01")
@pytest.mark.parametrize("role", sorted(AWARDING_ORGANISATION_ROLES))
def test_the_record_is_the_lrbs_and_an_awarding_organisation_has_nothing_of_it(role: Role) -> None:
    held = capabilities_of([role])
    assert not {one for one in held if one.startswith("records:")}
    assert Capability.CHALLENGES_RAISE not in held
    assert Capability.ROUTES_READ not in held


@pytest.mark.req("IDM-07", "QUAL-02", "QUAL-03", "QUAL-04")
def test_queries_of_qualifications_are_for_the_roles_of_the_catalogue() -> None:
    def holders(needed: Capability) -> set[Role]:
        return {role for role, held in ROLE_CAPABILITIES.items() if needed in held}

    lrb = {Role.LRB_ONLINE_USER, Role.ADVISER}
    assert holders(Capability.CREDIT_CHECK) == lrb | {Role.QCF_USER, Role.QCF_RECORD_SET_USER}
    assert holders(Capability.COMBINATIONS_READ) == holders(Capability.CREDIT_CHECK)
    assert holders(Capability.ROUTES_READ) == lrb


@pytest.mark.req("IDM-07", "LEDC-01", "LEDC-02", "LEDC-04")
def test_an_lrb_raises_a_challenge_the_desk_assesses_it_and_an_awarding_organisation_resolves_it() -> None:
    parts = {
        Capability.CHALLENGES_RAISE: {Role.LRB_ONLINE_USER, Role.SERVICE_DESK},
        Capability.CHALLENGES_ASSESS: {Role.SERVICE_DESK},
        Capability.CHALLENGES_RESOLVE: {Role.QCF_USER},
    }
    for needed, roles in parts.items():
        assert {role for role, held in ROLE_CAPABILITIES.items() if needed in held} == roles
    assert Capability.LEARNERS_VERIFY in capabilities_of([Role.LRB_ONLINE_USER])


@pytest.mark.req("IDM-06", "IDM-07", "IDM-10")
def test_the_desk_replaces_super_users_and_neither_resets_passwords_nor_unlocks_accounts() -> None:
    desk = capabilities_of([Role.SERVICE_DESK])
    assert {Capability.ORGANISATIONS_MANAGE, Capability.SUPER_USERS_REPLACE} <= desk
    assert Capability.USERS_MANAGE not in desk, "resetting and unlocking are a super user's"
    assert not {one for one in desk if one.startswith(("users:", "passwords:", "accounts:"))}


@pytest.mark.req("IDM-07")
@pytest.mark.parametrize("role", [Role.SERVICE_MANAGER, Role.ADMINISTRATOR, Role.LEARNER_PLAN_USER])
def test_who_runs_the_service_or_plans_sees_no_record(role: Role) -> None:
    held = capabilities_of([role])
    assert not {one for one in held if one.startswith(("records:", "learners:", "achievements:", "challenges:"))}


@pytest.mark.req("IDM-11", "IDM-10")
def test_no_system_decides_who_has_access() -> None:
    for awarding, desk in ((True, False), (False, False), (False, True)):
        granted = grantable(is_awarding_organisation=awarding, is_service_desk=desk)
        assert not granted & OF_PEOPLE
        assert not granted & {Capability.REFERENCE_DATA_MANAGE, Capability.PLANS_MANAGE}
        assert desk or not granted & {Capability.SERVICE_LEVELS_READ, Capability.MAINTENANCE_MANAGE}


@pytest.mark.req("IDM-07")
def test_roles_are_mixed_and_matched() -> None:
    both = capabilities_of([Role.QCF_USER, Role.AWARDING_BODY_USER])
    assert both == ROLE_CAPABILITIES[Role.QCF_USER] | ROLE_CAPABILITIES[Role.AWARDING_BODY_USER]
    assert capabilities_of([]) == frozenset()


@pytest.mark.req("SEC-01")
@pytest.mark.parametrize("needed", [capability for capability in Capability if capability is not Capability.PUBLIC])
def test_what_is_not_held_is_not_allowed(needed: Capability) -> None:
    others = frozenset(Capability) - {needed}
    assert not is_allowed(others, needed)
    assert not is_allowed([], needed)
    assert is_allowed([str(needed)], needed)


@pytest.mark.req("SEC-01")
def test_no_role_holds_the_public_capability_and_nobody_needs_it() -> None:
    assert all(Capability.PUBLIC not in held for held in ROLE_CAPABILITIES.values())
    assert is_allowed([], Capability.PUBLIC)


@pytest.mark.req("IDM-11", "SEC-01")
@pytest.mark.parametrize("is_awarding_organisation", [True, False])
def test_no_system_is_given_what_people_answer_for(is_awarding_organisation: bool) -> None:
    granted = grantable(is_awarding_organisation=is_awarding_organisation)
    assert not granted & {Capability.PUBLIC, Capability.USERS_MANAGE, Capability.LEARNERS_LINK}
    assert Capability.LEARNERS_VERIFY in granted


@pytest.mark.req("ULN-09", "IDM-11")
def test_the_service_desk_links_learners_and_registers_none() -> None:
    granted = grantable(is_awarding_organisation=False, is_service_desk=True)
    assert Capability.LEARNERS_LINK in granted
    assert not granted & {Capability.LEARNERS_REGISTER, Capability.ACHIEVEMENTS_MANAGE, Capability.USERS_MANAGE}


@pytest.mark.req("IDM-11", "SEC-01")
def test_awarding_is_for_awarding_organisations_and_registering_for_the_others() -> None:
    awarding, registering = grantable(is_awarding_organisation=True), grantable(is_awarding_organisation=False)
    assert {Capability.ACHIEVEMENTS_MANAGE, Capability.ACHIEVEMENT_BATCHES_SUBMIT} <= awarding - registering
    assert Capability.LEARNERS_REGISTER in registering - awarding
