"""docs/life-cycles.md: each type of case as a picture and tables, made from its declaration."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from types import ModuleType

from services.intake import casework
from services.intake.casework import CASE_TYPES, CaseType, Deed, LifeCycle, Move, Need, matching, referrals, transfers
from services.intake.casework.life_cycle import CASE_WORK
from services.intake.casework.questions import Question, questions
from services.intake.casework.words import label
from shared.access import Role

SHARING = {
    "by_agreement": "as data-sharing agreements say",
    "with_consent": "case by case, with the consent of the person whom it is about",
}


def page() -> str:
    """docs/life-cycles.md."""
    lines = [
        "# Life cycles",
        "",
        "Made by `make docs` from `services/intake/casework/`; do not edit.",
        "",
        "A **move** changes the state of a case, a **deed** is recorded on it and may be what a move waits for.",
        "Whoever asks for what is not possible now is told what is. *In person* means: by somebody who has signed in,",
        f"never by an organisation's system. Where nobody is named, {_roles(CASE_WORK)} may do it.",
        "Other services learn that something was recorded, never which deed it was. Fields in italics are encrypted.",
        "",
        "| type | wire name | people | restricted | shared |",
        "|---|---|---|---|---|",
        *(_row(*_summary(kind)) for kind in CASE_TYPES.values()),
    ]
    for kind in CASE_TYPES.values():
        lines += ["", *_type(kind)]
    lines += ["", *_referral(), "", *_match()]
    return "\n".join(lines) + "\n"


def diagram(cycle: LifeCycle) -> list[str]:
    """A Mermaid state diagram: an arrow for each move from each of its states."""
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {cycle.initial}"]
    lines += [f"    {source} --> {move.target}: {move.name}" for move in cycle.moves for source in move.sources]
    lines += [f"    {state} --> [*]" for state in cycle.states if state in cycle.closed]
    return [*lines, "```"]


def _referral() -> list[str]:
    """The steps of a referral, which belongs to two organisations and changes no state of its case."""
    lines = [*_between_two("Referral", referrals, referrals.STEPS)]
    lines += ["", "| urgency | acknowledged within | answered within |", "|---|---|---|"]
    return [
        *lines,
        *(_row(f"`{name}`", _hours(one.acknowledge), _hours(one.answer)) for name, one in referrals.TIMES.items()),
        "",
        *_between_two("Transfer", transfers, transfers.TRANSFER_STEPS),
    ]


def _match() -> list[str]:
    """The steps of a match, which belongs to two cases."""
    lines = ["## Match", "", *(inspect.getdoc(matching) or "").splitlines(), ""]
    lines += ["```mermaid", "stateDiagram-v2", "    [*] --> proposed: propose"]
    arrows = [f"    {source} --> {step.target}: {step.name}" for step in matching.STEPS for source in step.sources]
    arrows += [f"    {state} --> withdrawn: withdraw" for state in sorted(matching.STANDING)]
    lines += [*dict.fromkeys(arrows), "```", "", "| step | by | who | for the reason |", "|---|---|---|---|"]
    for step in matching.STEPS:
        who = _roles(step.roles) + (" (of a child: its officers)" if step.of_child else "")
        lines.append(_row(f"`{step.name}`", step.side, who, ", ".join(f"`{why}`" for why in step.reasons)))
    times = ", ".join(f"`{state}` {_hours(time)}" for state, time in matching.DECIDED_WITHIN.items())
    withdrawn = ", ".join(f"`{why}`" for why in matching.WITHDRAWN_FOR)
    return [*lines, "", f"Withdrawn for: {withdrawn}.", "", f"Managers are told after: {times}."]


def _between_two(title: str, declared: ModuleType, steps: Sequence[referrals.Step]) -> list[str]:
    lines = [f"## {title}", "", *(inspect.getdoc(declared) or "").splitlines(), ""]
    lines += ["```mermaid", "stateDiagram-v2", "    [*] --> offered: offer"]
    lines += [f"    {source} --> {step.target}: {step.name}" for step in steps for source in step.sources]
    lines += [f"    {source} --> expired: no answer in time" for source in sorted(referrals.WAITS_FOR_ANSWER)]
    ends = [state for state in referrals.STATES if state not in referrals.OPEN]
    lines += [*(f"    {state} --> [*]" for state in ends), "```", "", "| step | by | for the reason |", "|---|---|---|"]
    return lines + [_row(f"`{one.name}`", one.side, ", ".join(f"`{why}`" for why in one.reasons)) for one in steps]


def _hours(time: timedelta) -> str:
    return f"{time // timedelta(hours=1)} hours"


def _summary(kind: CaseType) -> tuple[str, ...]:
    people = ", ".join(f"{role.title.lower()} ({_count(role.least, role.most)})" for role in kind.people.values())
    anchor = kind.title.lower().replace(" ", "-")
    seen = "managers, officers, and whom it is assigned to" if kind.restricted else "no"
    return f"[{kind.title}](#{anchor})", f"`{kind.name}`", people or "none", seen, SHARING[kind.sharing]


def _count(least: int, most: int | None) -> str:
    if most is None:
        return f"{least} or more"
    return str(least) if least == most else f"{least}–{most}"


def _type(kind: CaseType) -> Iterator[str]:
    cycle = kind.life_cycle
    module = inspect.getdoc(getattr(casework, kind.name)) or ""
    yield from (f"## {kind.title}", "", module, "", *diagram(cycle), "")
    yield from ("| state | meaning |", "|---|---|")
    yield from (_row(f"`{state}`", meaning) for state, meaning in cycle.states.items())
    yield from ("", "| move | what it says | from | to | who | needs | reasons |", "|---|---|---|---|---|---|---|")
    yield from (_row(*_move(move)) for move in cycle.moves)
    yield from ("", "| deed | what it says | who | needs | what is recorded |", "|---|---|---|---|---|")
    yield from (_row(*_deed(deed)) for deed in cycle.deeds)
    if kind.asked.model_fields:
        yield from ("", "What is asked when it is submitted: " + _asked(questions(kind.asked)) + ".")


def _move(move: Move) -> tuple[str, ...]:
    reasons = (
        f"`{code}`: {label(code)}" + (f" ({_needs(needs)})" if needs else "") for code, needs in move.reasons.items()
    )
    sources = ", ".join(f"`{source}`" for source in move.sources)
    who = _who(move)
    return f"`{move.name}`", move.title, sources, f"`{move.target}`", who, _needs(move.needs), "<br>".join(reasons)


def _deed(deed: Deed) -> tuple[str, ...]:
    return (
        f"`{deed.name}`",
        deed.title,
        _who(deed),
        _needs(deed.needs),
        _asked(questions(deed.form)) if deed.form else "",
    )


def _who(step: Move | Deed) -> str:
    roles = "" if step.roles == CASE_WORK else _roles(step.roles)
    return ", ".join(part for part in (roles, "in person" if step.by_person else "") if part)


def _roles(roles: Iterable[Role]) -> str:
    return " or ".join(sorted(role.value.replace("_", " ") for role in roles))


def _needs(needs: Iterable[Need]) -> str:
    return " ".join(need.sentence for need in needs)


def _asked(asked: Iterable[Question]) -> str:
    """Field names; in italics what is stored encrypted."""
    return ", ".join(f"*{one.name}*" if one.personal else f"`{one.name}`" for one in asked)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
