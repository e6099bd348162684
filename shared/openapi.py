"""Bodies that endpoints validate themselves, in the OpenAPI document.

A route names its body; the schemas are made when the document is asked for. They are large: made at each start, they
took a tenth of it.
"""

from __future__ import annotations

from typing import Any, Literal

from fastapi import FastAPI
from pydantic import BaseModel, TypeAdapter

_REFERENCE = "#/components/schemas/"


class Documented(dict[str, Any]):
    """The OpenAPI part of a route, which refers to its JSON body's schema; and the body, for whoever makes that."""

    def __init__(self, name: str, body: type[BaseModel] | TypeAdapter[Any]) -> None:
        schema = {"$ref": _REFERENCE + name}
        super().__init__({"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}})
        self.name = name
        self.body = body


def documented(body: type[BaseModel] | TypeAdapter[Any], name: str = "") -> Documented:
    """The `openapi_extra` of a route whose JSON body is of this model, or of this adapter, which needs a name."""
    return Documented(name or (body.__name__ if isinstance(body, type) else ""), body)


def describe_bodies(app: FastAPI) -> None:
    """Have the application's document hold each body that one of its routes names."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            extras = [getattr(route, "openapi_extra", None) for route in app.routes]
            bodies = {one.name: one.body for one in extras if isinstance(one, Documented)}
            made().setdefault("components", {}).setdefault("schemas", {}).update(_schemas(bodies))
        return made()

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to extend the document


def _schemas(bodies: dict[str, type[BaseModel] | TypeAdapter[Any]]) -> dict[str, Any]:
    """The schemas of these bodies and of everything in them, made together, so that each name means one of them."""
    asked: list[tuple[str, Literal["validation"], TypeAdapter[Any]]] = [
        (name, "validation", one if isinstance(one, TypeAdapter) else TypeAdapter(one)) for name, one in bodies.items()
    ]
    found, rest = TypeAdapter.json_schemas(asked, ref_template=_REFERENCE + "{model}")
    named = {name: schema for (name, _), schema in found.items() if schema != {"$ref": _REFERENCE + name}}
    return {**rest.get("$defs", {}), **named}
