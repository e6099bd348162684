"""Every route of an OpenAPI document, filled with somebody else's ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from tests.intake.attachments.files import photo

FORM = "application/x-www-form-urlencoded"
UPLOAD = "multipart/form-data"
CSV = "text/csv"


@dataclass(frozen=True)
class Request:
    """A request to one route."""

    method: str
    route: str
    path: str
    query: dict[str, str]
    body: Any
    kind: str = "application/json"

    def sent(self) -> dict[str, Any]:
        """The body, as a test's client takes it; in a form that brings a file, the file."""
        if self.method == "get":
            return {}
        if self.kind == UPLOAD:
            return {"data": {n: v for n, v in self.body.items() if n != "file"}, "files": {"file": photo()}}
        if self.kind == CSV:
            return {"content": b"line,date,amount,currency,rate\n"}
        return {"data": self.body} if self.kind == FORM else {"json": self.body}

    @property
    def name(self) -> str:
        return f"{self.method} {self.route}"

    @property
    def names_a_record(self) -> bool:
        return "{" in self.route


def requests_of(document: dict[str, Any], known: Mapping[str, Any], *, optional: bool = True) -> Iterator[Request]:
    """Requests to every route: one without what is optional, and one for each `optional` parameter that is known.

    `known` has values by name of parameter or property. Fails where a path has a parameter it lacks.
    """
    for route, methods in document["paths"].items():
        for method, described in methods.items():
            parameters = [one for one in described.get("parameters", ()) if one["in"] != "header"]
            path = route
            for one in parameters:
                if one["in"] == "path":
                    path = path.replace(f"{{{one['name']}}}", quote(str(known[one["name"]]), safe=""))
            asked = [one for one in parameters if one["in"] == "query"]
            needed = {one["name"]: str(known[one["name"]]) for one in asked if one.get("required")}
            body, kind = _body(document, described, known)
            yield Request(method, route, path, needed, body, kind)
            for one in asked:
                if optional and one["name"] in known and one["name"] not in needed:
                    query = {**needed, one["name"]: str(known[one["name"]])}
                    yield Request(method, route, path, query, body, kind)


def _body(document: dict[str, Any], described: dict[str, Any], known: Mapping[str, Any]) -> tuple[Any, str]:
    content = described.get("requestBody", {}).get("content", {})
    if not content:
        return {}, "application/json"
    kind, media = next(iter(content.items()))
    return example(document, media.get("schema", {}), known), kind


def example(document: dict[str, Any], schema: dict[str, Any], known: Mapping[str, Any], name: str = "") -> Any:
    """A value that fits a schema, as far as that can be told; of `known` where it has the name."""
    if "$ref" in schema:
        return example(document, document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], known, name)
    if name in known and schema.get("type") in ("string", None) and "const" not in schema and "enum" not in schema:
        return known[name]
    choices = [one for one in schema.get("anyOf", schema.get("oneOf", ())) if one.get("type") != "null"]
    if choices:
        return example(document, choices[0], known, name)
    for fixed in ("const", "default"):
        if fixed in schema:
            return schema[fixed]
    if "enum" in schema:
        return schema["enum"][0]
    return _of_type(document, schema, known)


def _of_type(document: dict[str, Any], schema: dict[str, Any], known: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    if kind == "object":
        needed = {*schema.get("required", ())} | (schema.get("properties", {}).keys() & known.keys())
        return {one: example(document, schema["properties"][one], known, one) for one in sorted(needed)}
    if kind == "array":
        return [example(document, schema["items"], known)] * schema.get("minItems", 0)
    if kind in ("integer", "number"):
        return schema.get("minimum", 1)
    if kind == "boolean":
        return True
    formats = {"date": "2024-05-01", "date-time": "2024-05-01T00:00:00Z", "uuid": known.get("case_id")}
    return formats.get(schema.get("format", ""), "x" * max(1, schema.get("minLength", 1)))
