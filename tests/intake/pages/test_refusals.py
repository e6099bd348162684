"""What refuses something is told in the visitor's language, whatever raised it."""

from __future__ import annotations

import ast
import re
from html import unescape
from pathlib import Path

import pytest

from services.intake import commands
from services.intake.casework import CASE_TYPES
from services.intake.casework.words import TIMELINE
from services.intake.credentials import passwords
from services.intake.pages import deeds
from services.intake.pages.fields import DOES_NOT_FIT, problem_text
from services.intake.pages.own_fields import SCHEMA_WORDS
from services.intake.pages.signing_in import PASSWORD_WORDS
from shared.access import Role
from shared.errors import Conflict, FieldError
from shared.pages import LANGUAGES, say
from tests.intake.pages.conftest import Pages
from tests.intake.pages.test_safety import submitted
from tests.sentences import ROOT, sentences

FRENCH = LANGUAGES["fr"]


@pytest.mark.parametrize("tag", ["fr", "es", "ar"])
def test_every_refusal_is_said_in_the_language(tag: str) -> None:
    assert [one for one in sentences() if say(LANGUAGES[tag], one) == one] == []


def test_every_refusal_is_shown_in_the_visitors_language(pages: Pages, monkeypatch: pytest.MonkeyPatch) -> None:
    case, worker = submitted(pages), pages.browser(Role.CASE_WORKER)
    worker.open("/intake/language/fr", 303)
    worker.open(f"{case}/do/add_note")
    for sentence in sentences():
        parts = dict.fromkeys(re.findall(r"\{(\w+)\}", sentence), "court_order")

        def refuse(*_: object, _sentence: str = sentence, _parts: dict[str, str] = parts, **__: object) -> None:
            raise Conflict(_sentence, **_parts)

        monkeypatch.setattr(deeds.commands, "record_deed", refuse)
        shown = worker.send(f"{case}/do/add_note", {"note": "n"}, 409)
        told = unescape(re.sub(r"\s+", " ", re.findall(r'<a href="#main">(.*?)</a>', shown, re.DOTALL)[0]))
        assert sentence.split("{")[0] not in told
        assert say(FRENCH, sentence).split("{")[0] in told


def test_a_sentence_without_a_translation_is_not_shown_in_english(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise Conflict("Nobody has translated this.")

    case, worker = submitted(pages), pages.browser(Role.CASE_WORKER)
    worker.open("/intake/language/fr", 303)
    worker.open(f"{case}/do/add_note")
    monkeypatch.setattr(deeds.commands, "record_deed", refuse)
    assert "Nobody has translated this." not in worker.send(f"{case}/do/add_note", {"note": "n"}, 409)


def test_every_error_of_a_form_has_words_for_people() -> None:
    """Pydantic's own and ours: English of a library never stands on a page."""
    codes = set()
    for file in (ROOT / "services/intake").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "PydanticCustomError":
                codes.add(ast.literal_eval(node.args[0]))
    assert len(codes) > 10
    for code in codes - {"unknown_role", "age_without_day"}:  # pages offer roles, and date an age themselves
        said = SCHEMA_WORDS.get(code) or problem_text(FieldError("#/x", code, "English"))  # as its page says it
        assert said != DOES_NOT_FIT, code
    assert problem_text(FieldError("#/x", "of_a_later_library", "English")) == DOES_NOT_FIT


def test_every_refusal_of_a_password_has_words() -> None:
    raised = re.findall(r'_refuse\("(\w+)"', Path(passwords.__file__).read_text())
    assert set(raised) == set(PASSWORD_WORDS)


def test_every_change_has_words_of_its_own_in_the_timeline() -> None:
    """Whatever a command writes into a timeline, beside the moves and deeds of life cycles."""
    written = set()
    for file in Path(commands.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"write_change", "_write_people"}:
                what = node.args[3] if len(node.args) > 3 else None
                if isinstance(what, ast.Constant):
                    written.add(what.value)
    assert {"merge", "undo_merge", "erase_person", "assign"} <= written
    steps = {step.name for kind in CASE_TYPES.values() for step in kind.life_cycle.steps}
    assert sorted(written - steps - TIMELINE.keys()) == []
