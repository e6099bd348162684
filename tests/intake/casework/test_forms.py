"""Every form can be asked on a page: each field has a title, each code its words, and nothing is said twice."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.intake.casework import CASE_TYPES
from services.intake.casework.common import Appointment
from services.intake.casework.forms import Form, parted
from services.intake.casework.mass_incident import IncidentIn
from services.intake.casework.people import PersonIn
from services.intake.casework.questions import Question, questions
from services.intake.casework.tracing_request import Told
from services.intake.casework.words import label, phrases

FORMS = {
    PersonIn,
    *(kind.asked for kind in CASE_TYPES.values()),
    *(deed.form for kind in CASE_TYPES.values() for deed in kind.life_cycle.deeds if deed.form),
}
ALL_FORMS = pytest.mark.parametrize("form", sorted(FORMS, key=lambda form: form.__qualname__))


@ALL_FORMS
def test_every_field_has_a_title_and_every_code_words_of_its_own(form: type[Form]) -> None:
    for name, field in form.model_fields.items():
        assert field.title, f"{form.__name__}.{name}"
    for one in (*questions(form), *(inner for outer in questions(form) for inner in outer.questions)):
        assert len(set(one.codes.values())) == len(one.codes), f"{form.__name__}.{one.name}"
        assert bool(one.codes) == (one.kind in {"choice", "choices"})


@ALL_FORMS
def test_what_is_personal_is_text_and_what_is_coded_is_none(form: type[Form]) -> None:
    """The people's own form is stored whole under the person's key; of a mass incident all is public."""
    for one in questions(form):
        assert not one.personal or one.kind in {"text", "long_text"}
        if form not in {PersonIn, IncidentIn}:
            assert one.kind != "long_text" or one.personal, f"{form.__name__}.{one.name} would stand in the clear"
            assert one.kind != "text" or one.personal or is_narrow(one), f"{form.__name__}.{one.name}"


def is_narrow(question: Question) -> bool:
    """A reference, or a code of another institution."""
    return question.longest is None and ("reference" in question.name or question.name in {"institution", "grant"})


def test_a_moment_needs_its_offset_and_a_day_that_is_past_may_not_lie_ahead() -> None:
    for moment in ("2026-12-01T09:30:00", "2026-12-01", 1_700_000_000, "soon"):
        with pytest.raises(ValidationError, match="offset from UTC"):
            Appointment.model_validate({"at": moment})
    with pytest.raises(ValidationError, match="lies ahead"):
        Told.model_validate({"told": "news", "how": "in_person", "told_on": "2099-01-01"})


def test_a_form_is_parted_into_codes_and_encrypted_text() -> None:
    told = Told.model_validate({"told": "news", "how": "in_person", "told_on": "2026-01-02", "note": "At home."})
    assert parted(told) == ({"told": "news", "how": "in_person", "told_on": "2026-01-02"}, {"note": "At home."})


def test_words_are_found_for_every_state_step_reason_and_role() -> None:
    for kind in CASE_TYPES.values():
        cycle = kind.life_cycle
        reasons = [reason for move in cycle.moves for reason in move.reasons]
        for code in (*cycle.states, *reasons, *(step.name for step in cycle.steps), *kind.people):
            assert label(code, kind) != code
            assert label(code, kind) in phrases(CASE_TYPES)
    assert label("an_old_deed") == "an old deed"
