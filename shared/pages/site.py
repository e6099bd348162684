"""A service's site: its templates over the shared layout, in a reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from babel.dates import format_date, format_datetime
from fastapi.responses import HTMLResponse
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader
from jinja2.utils import missing
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from shared.errors import MisconfiguredError
from shared.pages.languages import LANGUAGES, Language, say, translations

_HERE = Path(__file__).parent
ASSETS = _HERE / "assets"
ASSETS_PATH = "/assets"
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


class _KnownNames(ChainableUndefined):
    """A name that a page was not given is an error; what a dictionary lacks is left out, as the macros expect."""

    def _look(self) -> None:
        if self._undefined_obj is missing and self._undefined_hint is None:  # a hint: an argument a macro was not given
            self._fail_with_undefined_error()

    def __str__(self) -> str:
        self._look()
        return ""

    __html__ = __str__

    def __bool__(self) -> bool:
        self._look()
        return False


class Site:
    """Renders a service's templates. `templates` is the folder beside its pages."""

    def __init__(self, templates: Path, prefix: str) -> None:
        self._templates = templates
        self.prefix = prefix

    def page(
        self,
        template: str,
        language: Language,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        **known: Any,
    ) -> HTMLResponse:
        """The page as an answer. Everything that is shown is escaped."""
        text = _environment(self._templates, self.prefix, language).get_template(template).render(**known)
        return HTMLResponse(text, status, headers={**HEADERS, "Content-Language": language.tag, **(headers or {})})


@cache
def _environment(templates: Path, prefix: str, language: Language) -> Environment:
    """One for all applications of the process that show these templates: to compile them takes seconds."""
    made = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader([templates, _HERE / "templates"]),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        undefined=_KnownNames,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_translations(translations(language.tag), newstyle=True)  # type: ignore[attr-defined] # of the extension
    made.globals |= {"language": language, "languages": LANGUAGES, "prefix": prefix, "asset": asset}
    made.globals["undefined"] = _KnownNames(hint="the macros' word for nothing")
    made.filters["say"] = lambda text: say(language, text)
    made.filters["day"] = lambda value: _day(value, language)
    made.filters["moment"] = lambda value: _moment(value, language)
    return made


def _day(value: date | None, language: Language) -> str:
    return "" if value is None else format_date(value, "long", locale=language.locale)


def _moment(value: datetime | None, language: Language) -> str:
    return "" if value is None else format_datetime(value, "d MMMM y HH:mm", locale=language.locale) + " UTC"


@cache
def _assets() -> dict[str, str]:
    file = ASSETS / "assets.json"
    if not file.exists():
        raise MisconfiguredError("The pages' style sheets were not built: run `make run`, or `make .venv/assets`.")
    found: dict[str, str] = json.loads(file.read_text())
    return found


def asset(name: str) -> str:
    """The address of a style sheet, with its content's digest in its name."""
    return f"{ASSETS_PATH}/{_assets()[name]}"


class _Unchanging(StaticFiles):
    """Files whose names change with their content."""

    def file_response(self, *args: Any, **known: Any) -> Any:
        response = super().file_response(*args, **known)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


def assets_app() -> ASGIApp:
    """Serves the style sheets under `ASSETS_PATH`."""
    return _Unchanging(directory=ASSETS, check_dir=False)
