"""A person at a browser: opens pages, fills in forms, presses buttons; and looks at what is before them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright
from sqlalchemy import Engine

from services.intake import commands
from shared.access import Role
from shared.database import reading, transaction
from tests.staff import PASSWORD, Staff

AXE = Path(__file__).parents[2] / "frontend/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SHOTS = os.environ.get("KINBRIDGE_TEST_SHOTS")
"""A folder for pictures of every page that is looked at."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's chromium, without a window."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        yield started
        started.close()


@dataclass
class Site:
    """The pages' address, and who works there."""

    address: str
    engine: Engine
    staff: Staff


class Window:
    """One browser of one person. Without `scripts`, JavaScript is off."""

    def __init__(self, program: Browser, site: Site, width: int, language: str, *, scripts: bool) -> None:
        self.site = site
        self.width = width
        self.language = language
        self._context = program.new_context(
            viewport={"width": width, "height": 900},
            locale=language,
            java_script_enabled=scripts,
            base_url=site.address,
        )
        self._keep("kinbridge_language", language)
        self.page: Page = self._context.new_page()
        self.found_wrong: list[str] = []
        """What `look` has found, page by page, and what the browser refused to load or run."""
        self.page.on("console", self._hear)

    def _hear(self, message: ConsoleMessage) -> None:
        if "Policy" in message.text:
            self.found_wrong.append(f"{self.path}: {message.text}")

    def _keep(self, name: str, value: str) -> None:
        self._context.add_cookies([{"name": name, "value": value, "url": self.site.address}])

    def close(self) -> None:
        self._context.close()

    def open(self, path: str) -> None:
        self.page.goto(path)

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.site.address)

    @property
    def heading(self) -> str:
        return self.page.locator("h1").inner_text()

    def sign_in(self, role: Role) -> None:
        """By name, password and code, as a person does."""
        member = self.site.staff.member(role)
        self.open("/intake/my-work")
        self.fill("name", member.sign_in_name)
        self.fill("password", PASSWORD)
        self.press()
        self.fill("code", member.code)
        self.press()

    def enter(self, role: Role) -> None:
        """With a session that was made behind the pages: quick."""
        member, engine = self.site.staff.member(role), self.site.engine
        with reading(engine) as session:
            tried = commands.try_password(session, member.sign_in_name, PASSWORD)
        with transaction(engine) as session:
            step = commands.begin_sign_in(session, tried)
        assert isinstance(step, commands.Ticket)
        with transaction(engine) as session:
            begun = commands.finish_sign_in(session, step.secret, member.code)
        assert isinstance(begun, commands.NewSession)
        self._keep("kinbridge_session", begun.secret)

    def fill(self, name: str, text: str) -> None:
        self.page.locator(f'[name="{name}"]:visible').first.fill(text)

    def choose(self, name: str, value: str) -> None:
        found = self.page.locator(f'[name="{name}"]')
        if found.first.evaluate("one => one.tagName") == "SELECT":
            found.first.select_option(value)
        else:
            self.page.locator(f'[name="{name}"][value="{value}"]').check()

    def press(self, text: str | None = None) -> None:
        """The button of that text; without one, the main form's only one."""
        button = self.page.locator("main button")
        (button.filter(has_text=text) if text else button).first.click()

    def follow(self, text: str) -> None:
        self.page.get_by_role("link", name=text).first.click()

    def look(self, name: str) -> None:
        """What must be true of every page: nothing beyond its edge, and no hindrance that axe knows of."""
        if SHOTS:
            folder = Path(SHOTS)
            folder.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=folder / f"{name}-{self.language}-{self.width}.png", full_page=True)
        if self.page.evaluate("document.documentElement.scrollWidth") > self.width:
            self.found_wrong.append(f"{name} scrolls sideways")
        self.page.evaluate(AXE.read_text())
        found: dict[str, Any] = self.page.evaluate(
            "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}, preload: false})", RULES
        )
        self.found_wrong += [
            f"{name}: {one['id']}: {one['help']}: {one['nodes'][0]['html']}" for one in found["violations"]
        ]
