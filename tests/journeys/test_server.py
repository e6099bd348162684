"""A server owns its data folder; commands on the folder speak to it."""

from __future__ import annotations

import base64
import json
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.conftest import REPOSITORY, Kinbridge, Zygote, clean_environment
from tests.servers import free_port


@pytest.fixture(scope="module")
def its(tmp_path_factory: pytest.TempPathFactory, zygote: Zygote) -> Kinbridge:
    """Commands on the folder that the server owns."""
    return Kinbridge(tmp_path_factory.mktemp("server") / "data", zygote)


@pytest.fixture(scope="module")
def server(its: Kinbridge) -> Iterator[str]:
    """A running `kinbridge up`, started as a person does; its address. One for all tests: one of them adds to it."""
    port = free_port()
    process = subprocess.Popen(
        its.command("up", "--port", str(port)),
        cwd=REPOSITORY,
        env=clean_environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_for(port, process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=30)
    assert process.returncode == 0, told
    assert "Traceback" not in told
    assert "token=" not in told  # a link that signs in is for a terminal, and for no log file


def _wait_for(port: int, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0 and _get(f"http://127.0.0.1:{port}/health"):
                return
        time.sleep(0.05)
    raise AssertionError("the server did not start")


def _get(address: str, **headers: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as answer:
        return str(answer.read().decode())


def test_commands_reach_the_server_that_owns_the_folder(
    server: str, its: Kinbridge, write_csv: Callable[[str, str], Path]
) -> None:
    file = write_csv("one.csv", "2016-01-15,2016-01-15,10,,,,,,A,R,C\n")
    assert its.json("import", "incidents", str(file))["accepted"] == 1
    assert its.json("status")["services"]["reporting"]["lag"] == {"intake": 0}
    client = its.json("client", "add", "local")
    token = _token(server, client)
    body = {
        "type": "mass_incident",
        "incident": {"occurred_from": "2016-01-16", "occurred_to": "2016-01-16", "dead": 5},
    }
    request = urllib.request.Request(
        f"{server}/intake/v1/cases",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 201
    made = its.run("report", "--from", "2016-01-01", "--to", "2016-12-31")
    assert json.loads(made.stdout)["totals"]["dead"] == 15
    report = _get(f"{server}/reporting/v1/incidents?from=2016-01-01&to=2016-12-31", Authorization=f"Bearer {token}")
    assert json.loads(report)["totals"]["dead"] == 15
    messages = json.loads(_get(f"{server}/notify/v1/notifications", Authorization=f"Bearer {token}"))
    assert [message["status"] for message in messages["items"]] == ["delivered"]
    assert its.json("client", "revoke", "local", client["client_id"])["tokens_end_within_minutes"] == 10
    with pytest.raises(urllib.error.HTTPError, match="401"):
        _token(server, client)


def _token(server: str, client: dict[str, str]) -> str:
    """As any OAuth 2 client asks for it."""
    told = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
    asked = urllib.request.Request(
        f"{server}/intake/v1/oauth/token", data=form, headers={"Authorization": f"Basic {told}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as answer:
        return str(json.loads(answer.read())["access_token"])


def test_an_organisation_its_administrator_and_an_authority_are_registered(kinbridge: Kinbridge) -> None:
    kinbridge.json("org", "add", "red-cross-x", "Red Cross of X", "--kind", "national_society")
    made = kinbridge.json("user", "add", "red-cross-x", "amal@x.org", "Amal", "--role", "administrator")
    assert len(made["invitation"]) > 40
    assert kinbridge.json("user", "roles", "amal@x.org", "--role", "case_worker")["roles"] == ["case_worker"]
    assert kinbridge.json("user", "disable", "amal@x.org")["state"] == "disabled"
    assert kinbridge.json("user", "enable", "amal@x.org")["state"] == "invited"
    assert kinbridge.json("user", "reset", "amal@x.org")["invitation"] != made["invitation"]
    assert [one["sign_in_name"] for one in kinbridge.json("user", "list", "red-cross-x")["users"]] == ["amal@x.org"]
    kinbridge.json("org", "add", "police", "Police of X", "--kind", "authority")
    for denied in (("user", "add", "police", "p@x.org", "P", "--role", "case_worker"), ("client", "add", "police")):
        assert "authority" in kinbridge.run(*denied, code=2).stderr
    assert kinbridge.json("client", "list", "police")["clients"] == []


def test_the_front_page_shows_the_services(server: str) -> None:
    page = _get(f"{server}/")
    assert "Events flow" in page
    for service in ("intake", "notify", "reporting"):
        assert service in page


def test_an_error_reaches_the_command_as_a_sentence(server: str, its: Kinbridge) -> None:
    done = its.run("report", "--from", "2018-01-01", "--to", "2014-01-01", code=2)
    assert "ends before it begins" in done.stderr


def test_a_taken_port_is_a_sentence(server: str, kinbridge: Kinbridge) -> None:
    done = kinbridge.run("up", "--port", server.rpartition(":")[2], code=2)
    assert "--port" in done.stderr


def test_a_second_server_on_the_same_folder_is_refused(server: str, its: Kinbridge) -> None:
    done = its.run("up", "--port", str(free_port()), code=2)
    assert "Another process works on the data folder" in done.stderr


def test_a_second_click_is_told_of_the_folder_and_not_of_the_port(server: str, its: Kinbridge) -> None:
    done = its.run("up", "--port", server.rpartition(":")[2], code=2)
    assert "Another process works on the data folder" in done.stderr


def test_the_front_page_leads_to_the_report_which_asks_for_a_signed_link(server: str) -> None:
    assert 'href="/reporting/incidents"' in _get(f"{server}/")
    with pytest.raises(urllib.error.HTTPError) as refused:
        _get(f"{server}/reporting/incidents")
    assert refused.value.code == 401
    assert "kinbridge up" in json.loads(refused.value.read())["detail"]


def test_the_demonstration_ends_with_one_document(kinbridge: Kinbridge) -> None:
    summary = kinbridge.json("demo", "--once")
    assert summary["arrived"]
    assert "addresses" not in summary  # nothing answers there any more
    assert summary["totals"]["incidents"] == 41
    assert [one["refused"] for one in summary["imports"]] == [0, 0, 1]
    assert len(summary["messages"]) == 3
    assert summary["events_shown"] >= 41 + 3
    again = kinbridge.json("demo", "--once")
    assert again["totals"] == summary["totals"]
    assert len(again["messages"]) == 3


def test_the_demonstration_plays_cases_and_says_who_can_sign_in(kinbridge: Kinbridge) -> None:
    summary = kinbridge.json("demo", "--once")
    assert summary["cases"] == {"red-cross-marenia": 2, "red-crescent-tassira": 2, "open-sea-watch": 2}
    assert summary["services"] == {"red-cross-marenia": 2, "red-crescent-tassira": 2, "open-sea-watch": 1}
    assert {one["organisation"] for one in summary["sign_ins"]} == {*summary["cases"], "sundland-aid"}
    kept = kinbridge.folder / "demo-sign-ins.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    recorded = kinbridge.json("status")["services"]["intake"]["events"]
    again = kinbridge.json("demo", "--once")
    assert again["sign_ins"] == summary["sign_ins"]
    assert again["services"] == summary["services"]
    assert kinbridge.json("status")["services"]["intake"]["events"] == recorded


def test_the_demonstration_publishes_a_report_to_a_donor_once(kinbridge: Kinbridge) -> None:
    summary = kinbridge.json("demo", "--once")
    files = {Path(one).suffix: Path(one).read_bytes() for one in summary["grant"]["files"]}
    assert set(files) == {".pdf", ".xlsx", ".html"}
    period = ("--from", summary["grant"]["from"], "--to", summary["grant"]["to"])
    asked = ("report", "--grant", summary["grant"]["grant"], *period, "--organisation", "red-cross-marenia")
    issue = json.loads(kinbridge.run(*asked, "--format", "json").stdout)
    assert (issue["draft"], issue["number"]) == (False, 1)
    reached = {row["key"]: row for table in issue["tables"] if table["key"] == "indicators" for row in table["rows"]}
    assert int(reached["people.reached"]["cells"][4]["value"]) > 1000
    again = kinbridge.json("demo", "--once")
    assert {Path(one).suffix: Path(one).read_bytes() for one in again["grant"]["files"]} == files


def test_the_pages_are_at_the_servers_address_with_their_style_sheet(server: str) -> None:
    page = _get(f"{server}/intake/my-work", **{"Accept-Language": "ar"})
    assert 'dir="rtl"' in page
    sheet = re.search(r'href="(/assets/kinbridge\.rtl\.[0-9a-f]+\.css)"', page)
    assert sheet
    assert ".kb-bar" in _get(f"{server}{sheet[1]}")
