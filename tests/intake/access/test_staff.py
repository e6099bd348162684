"""An administrator invites staff, gives them roles, shuts them out and helps them back in."""

from __future__ import annotations

import pytest

from services.intake import commands
from services.intake.commands import NewSession, Refusal
from shared.access import Actor, Role
from shared.database import transaction
from shared.errors import Conflict, NotAllowed, NotAuthenticated, NotFound
from tests.intake.access.signing_in import CASE_WORKER, HASH, Staff, code_of


@pytest.mark.parametrize("what", ["disable_user", "change_roles", "reset_user"])
def test_who_is_disabled_reset_or_given_other_roles_is_signed_out_at_once(staff: Staff, what: str) -> None:
    user, factor = staff.joined()
    begun, half_done = staff.signed_in(factor), staff.begin()
    more = {"roles": {Role.AUDITOR}} if what == "change_roles" else {}
    with transaction(staff.engine) as session:
        getattr(commands, what)(session, staff.administrator, user, **more)
    with pytest.raises(NotAuthenticated):
        staff.actor(begun.secret)
    assert staff.finish(half_done, code_of(factor)) == Refusal()


def test_a_disabled_user_cannot_sign_in_until_enabled(staff: Staff) -> None:
    user, factor = staff.joined()
    with transaction(staff.engine) as session:
        commands.disable_user(session, staff.administrator, user)
    assert staff.begin() == Refusal()
    with transaction(staff.engine) as session:
        commands.enable_user(session, staff.administrator, user)
    assert staff.signed_in(factor)


@pytest.mark.parametrize("second_factor", [False, True])
def test_a_reset_takes_the_password_and_the_second_factor_only_if_asked(staff: Staff, second_factor: bool) -> None:
    user, factor = staff.joined()
    with transaction(staff.engine) as session:
        invitation = commands.reset_user(session, staff.administrator, user, second_factor=second_factor)
    assert staff.begin() == Refusal()
    with transaction(staff.engine) as session:
        ticket = commands.accept_invitation(session, invitation.secret, HASH)
    assert ticket.enrols is second_factor
    assert isinstance(staff.finish(ticket, code_of(factor)), Refusal if second_factor else NewSession)


def test_a_name_to_sign_in_is_taken_once(staff: Staff) -> None:
    staff.invite()
    with pytest.raises(Conflict):
        staff.invite("  AMAL@example.org ")


def test_nobody_changes_their_own_roles_or_makes_an_operator(staff: Staff) -> None:
    user, _ = staff.joined("boss@example.org", frozenset({Role.ADMINISTRATOR}))
    own = Actor(staff.administrator.organisation_id, roles=frozenset({Role.ADMINISTRATOR}), user_id=user)
    with transaction(staff.engine) as session:
        with pytest.raises(NotAllowed):
            commands.change_roles(session, own, user, {Role.CASE_MANAGER})
        with pytest.raises(NotAllowed):
            commands.disable_user(session, own, user)
    with pytest.raises(NotAllowed):
        staff.invite("op@example.org", frozenset({Role.OPERATOR}))


def test_only_an_administrator_of_the_organisation_reaches_its_users(staff: Staff) -> None:
    user, _ = staff.joined()
    own = staff.administrator.organisation_id
    with transaction(staff.engine) as session:
        with pytest.raises(NotFound):
            commands.disable_user(session, Actor(user, roles=frozenset({Role.ADMINISTRATOR})), user)
        for role in set(Role) - {Role.ADMINISTRATOR}:
            with pytest.raises(NotAllowed):
                commands.disable_user(session, Actor(own, role is Role.OPERATOR, frozenset({role})), user)


def test_an_authority_has_no_users(staff: Staff) -> None:
    with transaction(staff.engine) as session:
        police = commands.register_organisation(session, short_name="police", name="Police", kind="authority")
        with pytest.raises(NotAllowed, match="authority"):
            commands.invite_user(
                session,
                Actor(police.id, roles=frozenset({Role.ADMINISTRATOR})),
                sign_in_name="p@example.org",
                display_name="P",
                roles=CASE_WORKER,
            )
