"""Commands about organisations, their users and their systems."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

import typer

from kinbridge.cli.options import AsJson, DataDir, answer, out

Kind = Literal["national_society", "international_organisation", "ngo", "service_provider", "donor", "authority"]
ShortName = Annotated[str, typer.Argument(help="The organisation's short name.")]
SignInName = Annotated[str, typer.Argument(help="The name to sign in with, usually an e-mail address.")]
Roles = Annotated[list[str], typer.Option("--role", help="A role, such as case_worker; give it several times.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    groups: dict[str, tuple[str, dict[str, Callable[..., None]]]] = {
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
        group = typer.Typer(help=told, no_args_is_help=True)
        for word, command in commands.items():
            group.command(word)(command)
        app.add_typer(group, name=name)


def org_add(
    short_name: Annotated[str, typer.Argument(help="Lower-case letters, digits and hyphens.")],
    name: Annotated[str, typer.Argument(help="The full name.")],
    kind: Annotated[Kind, typer.Option(help="What it is. An authority can be named, and is denied always.")] = "ngo",
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Register an organisation."""
    answer(data_dir, json_, "org add", _tell_registered, short_name=short_name, name=name, kind=kind)


def _tell_registered(found: dict[str, Any]) -> None:
    name = found["short_name"]
    if found["member"]:
        _say(f"{name} is registered. `kinbridge user add {name} …` invites its administrator.")
    else:
        _say(f"{name} is registered, so that it can be named. It has no users or systems, and receives nothing.")


def org_list(data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Every organisation."""
    answer(data_dir, json_, "org list", _tell_organisations)


def _tell_organisations(found: dict[str, Any]) -> None:
    for one in found["organisations"]:
        _say(f"{one['short_name']:<24} {one['kind']:<28} {one['name']}")


def user_add(
    organisation: ShortName,
    sign_in_name: SignInName,
    display_name: Annotated[str, typer.Argument(help="The name that colleagues see.")],
    role: Roles,
    language: Annotated[str, typer.Option(help="Of their pages: en, fr, es, ar.")] = "en",
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Invite somebody. The invitation is shown once: who holds it chooses the password."""
    answer(
        data_dir,
        json_,
        "user add",
        _tell_invitation,
        organisation=organisation,
        sign_in_name=sign_in_name,
        display_name=display_name,
        roles=role,
        language=language,
    )


def _tell_invitation(found: dict[str, Any]) -> None:
    _say(f"Invitation of {found['sign_in_name']}, shown this once, good until {found['ends_at'][:16]} UTC:")
    _say(found["invitation"])
    _say(f"On the pages it opens at /intake/invitation/{found['invitation']}")


def user_list(organisation: ShortName, data_dir: DataDir = None, json_: AsJson = False) -> None:
    """The users of an organisation."""
    answer(data_dir, json_, "user list", _tell_users, organisation=organisation)


def _tell_users(found: dict[str, Any]) -> None:
    for one in found["users"]:
        _tell_user(one)
    if not found["users"]:
        _say("There is none yet: `kinbridge user add` invites somebody.")


def _tell_user(one: dict[str, Any]) -> None:
    _say(f"{one['sign_in_name']:<32} {one['state']:<9} {', '.join(one['roles'])}")


def user_roles(sign_in_name: SignInName, role: Roles, data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Give a user other roles; their sessions end at once."""
    answer(data_dir, json_, "user roles", _tell_user, sign_in_name=sign_in_name, roles=role)


def user_disable(sign_in_name: SignInName, data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Shut a user out, at once and everywhere."""
    answer(data_dir, json_, "user disable", _tell_user, sign_in_name=sign_in_name)


def user_enable(sign_in_name: SignInName, data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Let a disabled user in again."""
    answer(data_dir, json_, "user enable", _tell_user, sign_in_name=sign_in_name)


def user_reset(
    sign_in_name: SignInName,
    second_factor: Annotated[
        bool, typer.Option("--second-factor", help="Enrol the second factor anew too: a lost telephone.")
    ] = False,
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Take a user's password away, and invite them to choose a new one."""
    answer(data_dir, json_, "user reset", _tell_invitation, sign_in_name=sign_in_name, second_factor=second_factor)


def client_add(
    organisation: ShortName,
    label: Annotated[str, typer.Option(help="What the client is for.")] = "default",
    role: Annotated[
        list[str] | None, typer.Option("--role", help="A role. Default: case_worker and case_manager.")
    ] = None,
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Let a system ask for tokens (OAuth 2 client credentials). Its secret is shown once."""

    def tell(found: dict[str, Any]) -> None:
        _say(f"Client of {organisation} ({label}); the secret is shown this once:")
        _say(f"client_id     {found['client_id']}")
        _say(f"client_secret {found['client_secret']}")

    answer(data_dir, json_, "client add", tell, organisation=organisation, label=label, roles=role or [])


def client_list(organisation: ShortName, data_dir: DataDir = None, json_: AsJson = False) -> None:
    """The systems of an organisation."""
    answer(data_dir, json_, "client list", _tell_clients, organisation=organisation)


def _tell_clients(found: dict[str, Any]) -> None:
    for one in found["clients"]:
        state = f"revoked {one['revoked_at'][:10]}" if one["revoked_at"] else "active"
        _say(f"{one['client_id']}  {state:<19} {one['label']}  ({', '.join(one['roles'])})")
    if not found["clients"]:
        _say("There is none yet: `kinbridge client add` makes one.")


def client_revoke(
    organisation: ShortName,
    client_id: Annotated[str, typer.Argument(help="The client's id, as `client list` shows it.")],
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Give a system no more tokens; those it has end within ten minutes."""
    answer(
        data_dir,
        json_,
        "client revoke",
        lambda found: _say(f"Revoked. Its last tokens end within {found['tokens_end_within_minutes']} minutes."),
        organisation=organisation,
        client_id=client_id,
    )


def _say(text: str) -> None:
    out.print(text, markup=False, soft_wrap=True)
