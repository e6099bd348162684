"""People who work on the stack: invited, with a password and a second factor, speaking HTTP alone."""

from __future__ import annotations

from typing import Any

import httpx2
import pyotp

from tests.compose.conftest import Hub

PASSWORD = "blue lamp 4 fish tin"


class Person:
    """Somebody who is signed in."""

    def __init__(self, hub: Hub, organisation: str, name: str, *roles: str) -> None:
        words = [word for role in roles for word in ("--role", role)]
        made = hub.admin("user", "add", organisation, name, name.partition("@")[0].title(), *words)
        self._http = httpx2.Client(base_url=hub.stack.address("intake"), timeout=20, trust_env=False)
        ticket = self.post("invitations/accept", {"invitation": made["invitation"], "password": PASSWORD})["ticket"]
        factor = self.post("sign-in/second-factor", {"ticket": ticket})["secret"]
        code = pyotp.TOTP(factor).now()
        self.session: str = self.post("sign-in/finish", {"ticket": ticket, "code": code})["session"]
        self._http.headers["Authorization"] = f"Bearer {self.session}"

    def get(self, path: str, status: int = 200) -> Any:
        return self._asked("GET", path, status)

    def post(self, path: str, body: Any = None, status: int | None = None) -> Any:
        return self._asked("POST", path, status, json=body if body is not None else {})

    def send_file(self, path: str, name: str, content: bytes, **fields: str) -> Any:
        """A file with the fields of its form."""
        return self._asked("POST", path, 201, files={"file": (name, content)}, data=fields)

    def get_file(self, path: str) -> bytes:
        answer = self._http.get(f"/intake/v1/{path}")
        assert answer.status_code == 200, answer.text
        return answer.content

    def _asked(self, method: str, path: str, status: int | None, **more: Any) -> Any:
        answer = self._http.request(method, f"/intake/v1/{path}", **more)
        expected = answer.is_success if status is None else answer.status_code == status
        assert expected, (path, answer.status_code, answer.text)
        return answer.json() if answer.content else None

    def leave(self) -> None:
        """Close the connection."""
        self._http.close()
