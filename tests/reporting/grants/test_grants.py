"""Donors and grants: kept, changed, and refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from tests.reporting.grants.conftest import (
    AUDITOR,
    CASE_WORKER,
    FINANCE,
    LEDGER,
    MANAGER,
    STRANGER,
    Office,
    terms,
)


def test_a_grant_is_read_as_it_was_sent_in(office: Office) -> None:
    made = office.grant()
    read = office.done(AUDITOR, "GET", f"/grants/{made['id']}")
    sent = terms()
    assert {name: read[name] for name in sent if name not in ("budget", "targets")} == {
        name: value for name, value in sent.items() if name not in ("budget", "targets")
    }
    assert [(one["code"], one["amount"]) for one in read["budget"]] == [("staff", "5000.00"), ("kits", "2500.50")]
    assert read["targets"] == [{"indicator": "inc.dead", "baseline": "0", "target": "10"}]
    assert (read["donor"]["name"], read["donor"]["group"], read["age_scheme"], read["version"]) == (
        "ECHO",
        "EU",
        "unhcr",
        1,
    )
    assert [one["number"] for one in office.done(MANAGER, "GET", "/grants")] == ["echo_2026"]


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"number": "ECHO 2026"}, "#/number", "string_pattern_mismatch"),
        ({"ends_on": "2025-12-31"}, "#", "ends_before_it_starts"),
        ({"time_zone": "Mars/Olympus"}, "#/time_zone", "time_zone"),
        ({"currency": "euro"}, "#/currency", "string_pattern_mismatch"),
        ({"age_scheme": "own"}, "#/age_scheme", "literal_error"),
        ({"sections": ["overall_performance", "gossip"]}, "#/sections/1", "literal_error"),
        ({"sections": ["visibility", "coordination", "environment", "value_for_money"]}, "#", "too_many_sections"),
        ({"targets": [{"indicator": "no.such"}]}, "#/targets/0/indicator", "unknown_indicator"),
        ({"targets": [{"indicator": "inc.dead"}, {"indicator": "inc.dead"}]}, "#", "more_than_once"),
        ({"budget": [{"code": "a", "title": "A", "amount": "1.005"}]}, "#/budget/0/amount", "decimal_max_places"),
        ({"title": "A\u0000B"}, "#/title", "control_character"),
        ({"title": " "}, "#/title", "string_too_short"),
        ({"colour": "red"}, "#/colour", "extra_forbidden"),
        ({"donor_id": "0192f0c1-2b3c-7d4e-8f50-617283940a1b"}, "#/donor_id", "unknown_donor"),
        (
            {"donor_organisation_id": "0192f0c1-2b3c-7d4e-8f50-617283940a1b"},
            "#/donor_organisation_id",
            "unknown_organisation",
        ),
    ],
)
def test_what_is_wrong_is_named(office: Office, wrong: dict[str, Any], pointer: str, code: str) -> None:
    donor = office.done(MANAGER, "POST", "/donors", {"name": "ECHO"})
    refused = office.asks(MANAGER, "POST", "/grants", {"donor_id": donor["id"], **terms(), **wrong})
    assert refused.status_code == 422, refused.text
    assert {(one["pointer"], one["code"]) for one in refused.json()["errors"]} == {(pointer, code)}
    assert office.done(MANAGER, "GET", "/grants") == []


def test_a_grant_is_changed_as_a_whole_by_who_read_its_newest_version(office: Office) -> None:
    made = office.grant()
    changed = {
        "donor_id": made["donor_id"],
        **terms(title="Another title", budget=terms()["budget"][:1], targets=[]),
    }
    told = office.asks(FINANCE, "PUT", f"/grants/{made['id']}", changed, If_Match='"1"')
    assert (told.status_code, told.headers["etag"]) == (200, '"2"')
    read = office.done(MANAGER, "GET", f"/grants/{made['id']}")
    assert (read["title"], len(read["budget"]), read["targets"]) == ("Another title", 1, [])
    assert office.asks(MANAGER, "PUT", f"/grants/{made['id']}", changed, If_Match='"1"').status_code == 412


def test_numbers_and_donors_names_are_kept_once(office: Office) -> None:
    made = office.grant()
    again = office.asks(MANAGER, "POST", "/grants", {"donor_id": made["donor_id"], **terms()})
    assert (again.status_code, again.json()["code"]) == (409, "conflict")
    assert office.asks(MANAGER, "POST", "/donors", {"name": "ECHO"}).status_code == 409
    other = office.done(MANAGER, "POST", "/donors", {"name": "SIDA", "kind": "government", "country": "SWE"})
    assert office.asks(MANAGER, "PUT", f"/donors/{other['id']}", {"name": "ECHO"}).status_code == 409
    renamed = office.done(MANAGER, "PUT", f"/donors/{other['id']}", {"name": "Sida", "kind": "government"})
    assert (renamed["name"], renamed["country"], renamed["version"]) == ("Sida", None, 2)


def test_what_published_figures_were_counted_by_stays(office: Office) -> None:
    made = office.grant()
    office.published(office.opened(made))
    for name, value in {"number": "x", "time_zone": "UTC", "age_scheme": "ifrc", "starts_on": "2026-01-02"}.items():
        changed = {"donor_id": made["donor_id"], **terms(**{name: value})}
        refused = office.asks(MANAGER, "PUT", f"/grants/{made['id']}", changed)
        assert refused.status_code == 409, name
        assert f"published: {name} can no longer change" in refused.json()["detail"]
    prolonged = {"donor_id": made["donor_id"], **terms(ends_on="2027-03-31")}
    assert office.done(MANAGER, "PUT", f"/grants/{made['id']}", prolonged)["ends_on"] == "2027-03-31"


def test_a_line_on_which_money_was_spent_stays_in_the_budget(office: Office) -> None:
    made = office.grant()
    office.done(FINANCE, "POST", f"/grants/{made['id']}/expenditures", LEDGER)
    for given in ({"budget": terms()["budget"][:1]}, {"currency": "USD"}):
        changed = {"donor_id": made["donor_id"], **terms(**given)}
        assert office.asks(MANAGER, "PUT", f"/grants/{made['id']}", changed).status_code == 409


def test_another_organisation_finds_no_donor_grant_or_schedule(office: Office) -> None:
    made = office.grant()
    schedule = office.done(MANAGER, "POST", f"/grants/{made['id']}/schedules", {"every": "quarter"})
    whole = {"donor_id": made["donor_id"], **terms(number="theirs")}
    assert office.done(STRANGER, "GET", "/donors") == []
    assert office.done(STRANGER, "GET", "/grants") == []
    for method, path, body in (
        ("GET", f"/donors/{made['donor_id']}", None),
        ("PUT", f"/donors/{made['donor_id']}", {"name": "X"}),
        ("GET", f"/grants/{made['id']}", None),
        ("PUT", f"/grants/{made['id']}", whole),
        ("POST", f"/grants/{made['id']}/schedules", {"every": "year"}),
        ("GET", f"/schedules/{schedule['id']}", None),
        ("PUT", f"/schedules/{schedule['id']}", {"every": "year"}),
        ("GET", f"/grants/{made['id']}/expenditures", None),
        ("POST", f"/grants/{made['id']}/expenditures", LEDGER),
        ("GET", f"/grants/{made['id']}/finance?from=2026-01-01&to=2026-12-31", None),
    ):
        assert office.asks(STRANGER, method, path, body).status_code == 404, (method, path)
    refused = office.asks(STRANGER, "POST", "/grants", whole)
    assert refused.json()["errors"][0]["code"] == "unknown_donor"


def test_case_workers_and_auditors_keep_no_grants(office: Office) -> None:
    made = office.grant()
    for actor in (CASE_WORKER, AUDITOR):
        assert office.asks(actor, "POST", "/donors", {"name": "X"}).status_code == 403
        assert office.asks(actor, "PUT", f"/grants/{made['id']}", terms()).status_code in (403, 422)
    assert office.asks(CASE_WORKER, "GET", "/grants").status_code == 403
