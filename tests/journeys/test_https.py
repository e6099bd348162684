"""Where people reach the system by https, cookies are for https alone, whatever scheme the proxy speaks to us."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest
from fastapi import FastAPI

from kinbridge.embedded import EmbeddedSystem
from shared import service
from shared.access import Actor, issue_token
from shared.settings import Settings
from tests.client import TestClient


@pytest.mark.parametrize(
    ("public_url", "https"), [("https://kinbridge.test", True), ("http://kinbridge.test", False), (None, False)]
)
def test_the_public_address_decides_whether_cookies_are_secure(
    tmp_path: Path, public_url: str | None, https: bool
) -> None:
    with EmbeddedSystem(Settings(data_dir=tmp_path / "data", public_url=public_url)) as system:
        client = TestClient(system.web(), base_url="http://kinbridge.test", follow_redirects=False)
        form = client.get("/intake/sign-in").headers["set-cookie"]
        token = issue_token(system.keys, Actor(uuid4(), operator=True))
        link = client.get(f"/reporting/open?token={token}").headers["set-cookie"]
    assert form.startswith("__Host-kinbridge_form=" if https else "kinbridge_form=")
    assert [("Secure" in one) for one in (form, link)] == [https, https]


def test_a_services_own_web_process_obeys_the_same_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoServer:
        def __init__(self, *_: object) -> None: ...

        def run(self) -> None: ...

    monkeypatch.setattr(service, "web_server", NoServer)
    monkeypatch.setattr(service, "calm_garbage_collector", lambda: None)
    app = FastAPI()
    service.serve_web(app, Settings(public_url="https://kinbridge.test"), "intake")
    assert app.state.always_https
