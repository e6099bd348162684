"""Commands about organisations, their users and their systems: what they are asked, and how an answer is told.

They run where they are added: in `kinbridge` on a data folder, in `services.intake.admin` on intake's own database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import typer

from shared.command_line import Asked, add_group, ask, say

Kind = Literal["national_society", "international_organisation", "ngo", "service_provider", "donor", "authority"]
ShortName = Annotated[str, typer.Argument(help="The organisation's short name.")]
SignInName = Annotated[str, typer.Argument(help="The name to sign in with, usually an e-mail address.")]
Roles = Annotated[list[str], typer.Option("--role", help="A role, such as case_worker; give it several times.")]


def add_to(app: typer.Typer, run: Callable[..., object]) -> None:
    """Add these commands. `run(asked, …)` carries one out; what it takes besides are options of every command."""
    groups: dict[str, tuple[str, dict[str, Callable[..., Asked]]]] = {
        "org": ("Organisations.", {"add": org_add, "list": org_list}),
        "user": (
            "People who work for organisations.",
            {
                "add": user_add,
                "list": user_list,
                "roles": user_roles,
                "disable": user_disable,
                "enable": user_enable,
                "reset": user_reset,
            },
        ),
        "client": (
            "Organisations' systems.",
            {"add": client_add, "list": client_list, "revoke": client_revoke},
        ),
    }
    for name, (told, commands) in groups.items():
        add_group(app, name, told, commands, run)


def org_add(
    short_name: Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens.")],
    name: Annotated[str, typer.Argument(help="The full name.")],
    kind: Annotated[Kind, typer.Option(help="What it is. An authority can be named, and is denied always.")] = "ngo",
) -> Asked:
    """Register an organisation."""
    return ask("org add", _tell_registered, short_name=short_name, name=name, kind=kind)


def _tell_registered(found: dict[str, Any]) -> None:
    name = found["short_name"]
    if found["member"]:
        say(f"{name} is registered. `user add {name} …` invites its administrator.")
    else:
        say(f"{name} is registered, so that it can be named. It has no users or systems, and receives nothing.")


def org_list() -> Asked:
    """Every organisation."""
    return ask("org list", _tell_organisations)


def _tell_organisations(found: dict[str, Any]) -> None:
    for one in found["organisations"]:
        say(f"{one['short_name']:<24} {one['kind']:<28} {one['name']}")


def user_add(
    organisation: ShortName,
    sign_in_name: SignInName,
    display_name: Annotated[str, typer.Argument(help="The name that colleagues see.")],
    role: Roles,
    language: Annotated[str, typer.Option(help="Of their pages: en, fr, es, ar.")] = "en",
) -> Asked:
    """Invite somebody. The invitation is shown once: who holds it chooses the password."""
    return ask(
        "user add",
        _tell_invitation,
        organisation=organisation,
        sign_in_name=sign_in_name,
        display_name=display_name,
        roles=role,
        language=language,
    )


def _tell_invitation(found: dict[str, Any]) -> None:
    say(f"Invitation of {found['sign_in_name']}, shown this once, good until {found['ends_at'][:16]} UTC:")
    say(found["invitation"])
    say(f"On the pages it opens at /intake/invitation/{found['invitation']}")


def user_list(organisation: ShortName) -> Asked:
    """The users of an organisation."""
    return ask("user list", _tell_users, organisation=organisation)


def _tell_users(found: dict[str, Any]) -> None:
    for one in found["users"]:
        _tell_user(one)
    if not found["users"]:
        say("There is none yet: `user add` invites somebody.")


def _tell_user(one: dict[str, Any]) -> None:
    say(f"{one['sign_in_name']:<32} {one['state']:<9} {', '.join(one['roles'])}")


def user_roles(sign_in_name: SignInName, role: Roles) -> Asked:
    """Give a user other roles; their sessions end at once."""
    return ask("user roles", _tell_user, sign_in_name=sign_in_name, roles=role)


def user_disable(sign_in_name: SignInName) -> Asked:
    """Shut a user out, at once and everywhere."""
    return ask("user disable", _tell_user, sign_in_name=sign_in_name)


def user_enable(sign_in_name: SignInName) -> Asked:
    """Let a disabled user in again."""
    return ask("user enable", _tell_user, sign_in_name=sign_in_name)


def user_reset(
    sign_in_name: SignInName,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Enrol the second factor anew too: a lost telephone.")
    ] = False,
) -> Asked:
    """Take a user's password away, and invite them to choose a new one."""
    return ask("user reset", _tell_invitation, sign_in_name=sign_in_name, second_factor=second_factor)


def client_add(
    organisation: ShortName,
    label: Annotated[str, typer.Option(help="What the client is for.")] = "default",
    role: Annotated[
        list[str] | None, typer.Option("--role", help="A role. Default: case_worker and case_manager.")
    ] = None,
) -> Asked:
    """Let a system ask for tokens (OAuth 2 client credentials). Its secret is shown once."""

    def tell(found: dict[str, Any]) -> None:
        say(f"Client of {organisation} ({label}); the secret is shown this once:")
        say(f"client_id     {found['client_id']}")
        say(f"client_secret {found['client_secret']}")

    return ask("client add", tell, organisation=organisation, label=label, roles=role or [])


def client_list(organisation: ShortName) -> Asked:
    """The systems of an organisation."""
    return ask("client list", _tell_clients, organisation=organisation)


def _tell_clients(found: dict[str, Any]) -> None:
    for one in found["clients"]:
        state = f"revoked {one['revoked_at'][:10]}" if one["revoked_at"] else "active"
        say(f"{one['client_id']}  {state:<19} {one['label']}  ({', '.join(one['roles'])})")
    if not found["clients"]:
        say("There is none yet: `client add` makes one.")


def client_revoke(
    organisation: ShortName,
    client_id: Annotated[str, typer.Argument(help="The client's id, as `client list` shows it.")],
) -> Asked:
    """Give a system no more tokens; those it has end within ten minutes."""
    return ask(
        "client revoke",
        lambda found: say(f"Revoked. Its last tokens end within {found['tokens_end_within_minutes']} minutes."),
        organisation=organisation,
        client_id=client_id,
    )
