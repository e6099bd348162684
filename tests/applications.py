"""Intake's application, built once for each database and pair of keys: to build it takes longer than most tests.

It holds nothing of a request. A test that changes what an application is made of builds one of its own.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from fastapi import FastAPI
from sqlalchemy import Engine

from services.intake import app
from shared.crypto import KeyRing


def intake_on(engine: Engine, keys: KeyRing) -> FastAPI:
    """The application on an open database; the same one at every call."""
    known = _built.setdefault(engine, {})
    if keys not in known:
        known[keys] = app.build(engine, keys)
    return known[keys]


_built: WeakKeyDictionary[Engine, dict[KeyRing, FastAPI]] = WeakKeyDictionary()
