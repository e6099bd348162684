"""`kinbridge erase`: erasures that two people decide, and the proof of them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer

from kinbridge.cli.operators import run
from kinbridge.cli.options import DataDir, answer
from shared.command_line import AsJson, add_commands, out
from shared.operators.command_line import erase_verify

Reason = Literal["subject_request", "retention", "entered_in_error"]
Name = Annotated[str, typer.Option("--as", help="Who you are: the name you sign in with.")]
Password = Annotated[str, typer.Option(prompt=True, hide_input=True, help="Better left out: it is asked for.")]
Code = Annotated[str, typer.Option(prompt="Code of the authenticator", help="Asked for if left out.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    erase = typer.Typer(help="Erasing persons: one proposes, another approves.", no_args_is_help=True)
    erase.command("list")(erase_list)
    erase.command("propose")(erase_propose)
    erase.command("approve")(erase_approve)
    add_commands(erase, {"verify": erase_verify}, run)
    app.add_typer(erase, name="erase")


def erase_list(data_dir: DataDir = None, json_: AsJson = False) -> None:
    """Every erasure: proposed, declined, done, and which services have confirmed it."""
    answer(data_dir, json_, "erase list", _tell_all)


def _tell_all(found: dict[str, Any]) -> None:
    if not found["erasures"]:
        out.print("No erasure was proposed.")
    for one in found["erasures"]:
        _tell(one)


def erase_propose(
    person: Annotated[str, typer.Argument(help="The id of the person.")],
    name: Name,
    password: Password,
    code: Code,
    reason: Annotated[Reason, typer.Option(help="Why.")] = "subject_request",
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Propose to erase a person. Another person approves."""
    answer(
        data_dir, json_, "erase propose", _tell, person=person, reason=reason, name=name, password=password, code=code
    )


def erase_approve(
    erasure: Annotated[str, typer.Argument(help="The id of the erasure.")],
    name: Name,
    password: Password,
    code: Code,
    data_dir: DataDir = None,
    json_: AsJson = False,
) -> None:
    """Approve what another person proposed. It cannot be undone."""
    answer(data_dir, json_, "erase approve", _tell, erasure=erasure, name=name, password=password, code=code)


def _tell(one: dict[str, Any]) -> None:
    out.print(f"{one['id']}  person {one['person']}  {one['reason']}: {one['state']}", markup=False, soft_wrap=True)
    for confirmed in one["confirmed"]:
        out.print(f"  confirmed by {confirmed}", markup=False)
