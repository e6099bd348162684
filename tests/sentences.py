"""The sentences with which case work refuses something, collected from the code that raises them.

Pages say them in the visitor's language, so each must be a plain text that a catalogue can hold: gaps are `{named}` and
filled by keyword, never an f-string.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
RAISED_IN = (
    "services/intake/casework",
    "services/intake/commands",
    "services/intake/domain",
    "services/intake/pages",
    "services/intake/queries",
    "shared/access.py",
    "shared/pages",
)
ERRORS = {"Conflict", "NotFound", "NotAllowed", "Stale", "DomainError"}
"""`NotAuthenticated` leads to the page to sign in; `InvalidInput` is told field by field (`pages.fields`)."""
FOR_PROGRAMS = {
    "services/intake/casework/life_cycle.py": "names the codes of moves; pages offer only what may be done",
    "services/intake/commands/answers.py": "of an Idempotency-Key",
    "services/intake/commands/clients.py": "an organisation's systems have no pages",
    "services/intake/commands/organisations.py": "of the command line",
    "services/intake/commands/updates.py": "nothing is changed so on pages",
    "services/intake/commands/users.py": "users are administered by the interface and the command line",
    "services/intake/domain/organisation.py": "of the command line",
    "shared/access.py": "of roles: pages say it in general words",
}
"""Files whose sentences no page shows, and why. What is untranslated is left out of pages in other languages."""
NOT_ON_PAGES = {
    "A draft belongs to a person who signed in: systems submit cases whole.",
    "A legal hold is placed and lifted by people, not by a client system.",
    "An erasure is decided by people: a client system can neither propose nor approve it.",
    "The recipient is no organisation of this hub: `recipient_id` must name one.",
    "A system has no user: this is for people who signed in.",
    "Nobody has that name to sign in: `kinbridge user list` shows who there is.",
    "There is no organisation of that short name: `kinbridge org list` shows them.",
    "There is no such client of your organisation.",
    "There is no such organisation.",
    "An agreement is signed by people: a client system can only read it.",
    "There is no such step.",
    "This needs no reason.",
}
"""Sentences of the command line and of programs in files whose others are shown."""
HELD_ELSEWHERE = {
    "need.sentence": "declared with the life cycles, and in the catalogues by `casework.words.phrases`",
    "refusal": "of life_cycle.py",
    "share.left_out[0][1].sentence": "of shared.legal, and in the catalogues by `casework.words.phrases`",
}


def sentences() -> dict[str, str]:
    """Sentence → the file that raises it; those for programs are left out."""
    return {text: file for file, text in _raised() if file not in FOR_PROGRAMS and text not in NOT_ON_PAGES}


def untranslatable() -> list[str]:
    """Where something is raised with a sentence that is put together: no catalogue can hold it."""
    return [f"{file}: {text.removeprefix('!')}" for file, text in _raised() if text.startswith("!")]


def _raised() -> Iterator[tuple[str, str]]:
    for place in RAISED_IN:
        found = ROOT / place
        for file in sorted(found.rglob("*.py")) if found.is_dir() else (found,):
            name = str(file.relative_to(ROOT))
            tree = ast.parse(file.read_text())
            marked = {node.targets[0].id for node in ast.walk(tree) if _is_marked(node)}  # type: ignore[attr-defined] # as `_is_marked` saw
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                    for text in _texts(node.args[0], marked):
                        if name not in FOR_PROGRAMS or not text.startswith("!"):
                            yield name, text


def _is_marked(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Assign)
        and isinstance(node.targets[0], ast.Name)
        and isinstance(node.value, ast.Call)
        and ast.unparse(node.value.func) == "marked"
    )


def _texts(node: ast.expr, marked: set[str]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp():
            yield from _texts(node.body, marked)
            yield from _texts(node.orelse, marked)
        case ast.Call(func=ast.Name(id="marked")):
            pass  # the catalogue's own extraction finds it
        case ast.Name() if node.id in marked:
            pass
        case _ if ast.unparse(node) in HELD_ELSEWHERE:
            pass
        case _:
            yield "!" + ast.unparse(node)
