"""The table of role × capability."""

import pytest

from chalicelib.domain.access import ROLE_CAPABILITIES, Capability, Role, capabilities_of, grantable, is_allowed


@pytest.mark.req("IDM-07")
def test_every_role_of_appendix_a_has_its_capabilities() -> None:
    assert set(ROLE_CAPABILITIES) == set(Role)
    assert all(ROLE_CAPABILITIES.values())


@pytest.mark.req("IDM-07")
def test_a_super_user_manages_users_and_can_do_nothing_else() -> None:
    assert capabilities_of([Role.SUPER_USER]) == {Capability.USERS_MANAGE}
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
