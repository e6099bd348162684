"""Own fields as people write them: a question, the kind of its answer, its choices one a line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from anyascii import anyascii
from pydantic import Field

from services.intake.casework.forms import LONG_TEXT, SHORT_TEXT, Codes, Form, ShortText
from services.intake.casework.own_fields import FIELD_NAME, LARGEST, MOST_CHOICES, Wording, codes_of, kind_of

KINDS: Mapping[str, str] = {
    "text": "A short text",
    "long_text": "A longer text",
    "choice": "One of several answers",
    "choices": "Any of several answers",
    "yes_no": "Yes or no",
    "integer": "A whole number",
    "number": "A number",
    "day": "A day",
}
NEEDED: Mapping[str, str] = {"needed": "It must be answered"}
Bound = Annotated[float, Field(ge=-LARGEST, le=LARGEST)]
Line = Annotated[str, Field(min_length=1, max_length=SHORT_TEXT + 70)]
_CODED_LINE = re.compile(r"(?P<code>[A-Za-z0-9][A-Za-z0-9_.-]{0,59}) = (?P<title>.+)")


class AskOwnField(Form):
    """One question that an organisation asks of its own."""

    title: Wording = Field(title="What is asked?")
    hint: ShortText = Field(None, title="A hint below the question")
    kind: Annotated[str, Codes(KINDS)] = Field(title="What is the answer?")
    choices: Annotated[tuple[Line, ...], Field(max_length=MOST_CHOICES)] = Field(
        (),
        title="Which answers are there?",
        description="One a line, where answers are chosen. To word one anew and keep what was answered, leave its code "
        "before it: tent = In a tent.",
    )
    least: Bound | None = Field(None, title="The smallest number")
    most: Bound | None = Field(None, title="The largest number")
    needed: Annotated[tuple[Annotated[str, Codes(NEEDED)], ...], Field(max_length=1)] = Field(
        (), title="Must it be answered?"
    )


def written_as(schema: Mapping[str, Any] | None) -> list[tuple[str, dict[str, Any]]]:
    """(name, answers to `AskOwnField`) of each field."""
    if schema is None:
        return []
    required = schema.get("required", ())
    return [(name, _written(field, needed=name in required)) for name, field in schema["properties"].items()]


def schema_of(written: Sequence[tuple[str, AskOwnField]], before: Mapping[str, Any] | None) -> dict[str, Any]:
    """The JSON Schema of what was written, to be checked. A name is empty for a new field, which gets one of its title.

    What the form does not ask of a field that was there before is kept: its words in other languages.
    """
    known = dict(before["properties"]) if before else {}
    taken = {name for name, _ in written if name in known}
    properties, required = {}, []
    for name, one in written:
        if name not in known:
            name = _fresh(_code_of(one.title) or "field", taken)
        taken.add(name)
        properties[name] = _field(one, known.get(name, {}))
        if one.needed:
            required.append(name)
    return {"type": "object", "properties": properties, **({"required": required} if required else {})}


def _written(field: Mapping[str, Any], *, needed: bool) -> dict[str, Any]:
    kind = kind_of(field)
    found = {
        "title": field.get("title", ""),
        "hint": field.get("description"),
        "kind": field["type"] if kind == "number" else kind,
        "choices": [_line(code, title) for code, title in codes_of(field, "").items()],
        "least": field.get("minimum"),
        "most": field.get("maximum"),
        "needed": ["needed"] if needed else [],
    }
    return {name: answer for name, answer in found.items() if answer not in (None, [], "")}


def _line(code: str, title: str) -> str:
    return title if code in {title, _code_of(title)} else f"{code} = {title}"


def _field(one: AskOwnField, before: Mapping[str, Any]) -> dict[str, Any]:
    field: dict[str, Any] = {"title": one.title}
    if one.title == before.get("title") and "x-titles" in before:
        field["x-titles"] = before["x-titles"]
    if one.hint:
        field["description"] = one.hint
        if one.hint == before.get("description") and "x-descriptions" in before:
            field["x-descriptions"] = before["x-descriptions"]
    match one.kind:
        case "text" | "long_text":
            longest = before.get("maxLength") if before and kind_of(before) == one.kind else None
            return {
                **field,
                "type": "string",
                "maxLength": longest or (SHORT_TEXT if one.kind == "text" else LONG_TEXT),
            }
        case "choice":
            return {**field, "type": "string", "oneOf": _options(one.choices, before)}
        case "choices":
            items = {"type": "string", "oneOf": _options(one.choices, before)}
            return {**field, "type": "array", "items": items, "uniqueItems": True}
        case "integer" | "number":
            bounds = {"minimum": _plain(one.least), "maximum": _plain(one.most)}
            return {**field, "type": one.kind, **{name: bound for name, bound in bounds.items() if bound is not None}}
        case "day":
            return {**field, "type": "string", "format": "date"}
    return {**field, "type": "boolean"}


def _options(lines: Sequence[str], before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The choices: a line keeps the code of the answer that it words, in every language."""
    was = {one["const"]: one for one in before.get("items", before).get("oneOf", ())} if before else {}
    code_of = {title: code for code, title in (codes_of(before, "") if before else {}).items()}
    found: list[dict[str, Any]] = []
    taken: set[str] = set()
    for line in lines:
        coded = _CODED_LINE.fullmatch(line)
        title = coded["title"].strip() if coded else line.strip()
        code = coded["code"] if coded else code_of.get(title) or _fresh(_code_of(title) or "answer", taken)
        taken.add(code)
        old = was.get(code, {})
        found.append(old if old.get("title") == title else {"const": code, "title": title})
    return found


def _code_of(title: str) -> str:
    """Small Latin letters, digits and underlines, made of a title in any script; empty where none are left."""
    plain = re.sub(r"[^a-z0-9]+", "_", anyascii(title).lower()).strip("_")[:34].strip("_")
    return plain if FIELD_NAME.fullmatch(plain) else f"n_{plain}" if plain else ""


def _fresh(code: str, taken: set[str]) -> str:
    numbered = (f"{code}_{number}" for number in range(2, 1000))
    return code if code not in taken else next(one for one in numbered if one not in taken)


def _plain(bound: float | None) -> float | int | None:
    return int(bound) if bound is not None and bound.is_integer() else bound
