"""What was spent: brought in row by row, signed by a second person, and only then in a report."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from services.reporting.domain.grant import converted
from tests.reporting.grants.conftest import FINANCE, LEDGER, MANAGER, SECOND_FINANCE, STRANGER, Office

HEADER = b"line,date,amount,currency,rate\n"


def brought_in(office: Office, grant: dict[str, Any], content: bytes) -> dict[str, Any]:
    told: dict[str, Any] = office.done(FINANCE, "POST", f"/grants/{grant['id']}/expenditures", content)
    return told


def spent(office: Office, grant: dict[str, Any], first: str = "2026-01-01", last: str = "2026-12-31") -> dict[str, Any]:
    told = office.done(FINANCE, "GET", f"/grants/{grant['id']}/finance?from={first}&to={last}")
    return {one["code"]: (one["in_period"], one["to_date"]) for one in told["lines"]} | {"unsigned": told["unsigned"]}


def test_only_signed_amounts_are_in_a_report(office: Office) -> None:
    grant = office.grant()
    told = brought_in(office, grant, LEDGER)
    assert (told["rows"], told["taken"], told["known"], told["refused"]) == (2, 2, 0, 0)
    assert spent(office, grant) == {"staff": ("0.00", "0.00"), "kits": ("0.00", "0.00"), "unsigned": 2}
    office.done(SECOND_FINANCE, "POST", f"/expenditures/{told['entry']['id']}/signature")
    assert spent(office, grant) == {"staff": ("1000.00", "1000.00"), "kits": ("750.00", "750.00"), "unsigned": 0}
    assert spent(office, grant, "2026-08-01", "2026-08-31") == {
        "staff": ("0.00", "1000.00"),
        "kits": ("750.00", "750.00"),
        "unsigned": 0,
    }
    assert spent(office, grant, "2026-01-01", "2026-07-31")["kits"] == ("0.00", "0.00")
    report = office.opened(grant)
    office.done(MANAGER, "POST", f"/reports/{report}/draft")
    finance = next(
        one for one in office.done(MANAGER, "GET", f"/reports/{report}/draft")["tables"] if one["about"] == "money"
    )
    figures = {row["cells"][0]["value"]: [cell["value"] for cell in row["cells"]] for row in finance["rows"]}
    assert "750.00" in figures["kits Hygiene kits"]
    assert "1000.00" in figures["staff Staff"]


def test_who_brought_them_in_does_not_sign_them_and_nobody_but_finance_does(office: Office) -> None:
    grant = office.grant()
    entry = brought_in(office, grant, LEDGER)["entry"]["id"]
    refused = office.asks(FINANCE, "POST", f"/expenditures/{entry}/signature")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    assert office.asks(MANAGER, "POST", f"/expenditures/{entry}/signature").status_code == 403
    assert office.asks(STRANGER, "POST", f"/expenditures/{entry}/signature").status_code == 404
    office.done(SECOND_FINANCE, "POST", f"/expenditures/{entry}/signature")
    assert office.asks(SECOND_FINANCE, "POST", f"/expenditures/{entry}/signature").status_code == 409


def test_the_same_file_again_changes_nothing_and_a_longer_one_adds_what_is_new(office: Office) -> None:
    grant = office.grant()
    brought_in(office, grant, LEDGER)
    again = brought_in(office, grant, LEDGER)
    assert (again["taken"], again["known"], again["entry"]) == (0, 2, None)
    longer = brought_in(office, grant, LEDGER + b"kits,2026-08-02,100000,ETB,0.0075\n")
    assert (longer["taken"], longer["known"]) == (1, 2)
    assert len(office.done(FINANCE, "GET", f"/grants/{grant['id']}/expenditures")) == 2
    assert spent(office, grant)["unsigned"] == 3


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ("vehicles,2026-07-10,1,EUR,1", "line", "unknown_line"),
        (",2026-07-10,1,EUR,1", "line", "missing_value"),
        ("staff,10/07/2026,1,EUR,1", "date", "unknown_date"),
        ("staff,2026-02-30,1,EUR,1", "date", "unknown_date"),
        ("staff,2025-12-31,1,EUR,1", "date", "outside_grant"),
        ('staff,2026-07-10,"1,000.00",EUR,1', "amount", "not_a_number"),
        ("staff,2026-07-10,1e3,EUR,1", "amount", "not_a_number"),
        ("staff,2026-07-10,0.00,EUR,1", "amount", "zero"),
        ("staff,2026-07-10,9999999999999,EUR,1", "amount", "out_of_range"),
        ("staff,2026-07-10,1,Euro,1", "currency", "unknown_currency"),
        ("staff,2026-07-10,1,ETB,", "rate", "missing_value"),
        ("staff,2026-07-10,1,ETB,0", "rate", "out_of_range"),
        ("staff,2026-07-10,1,EUR,1.1", "rate", "rate_of_own_currency"),
        ("staff,2026-07-10,1,EUR", "", "wrong_number_of_cells"),
    ],
)
def test_a_bad_row_is_named_and_the_good_ones_are_taken(office: Office, row: str, field: str, reason: str) -> None:
    grant = office.grant()
    told = brought_in(office, grant, HEADER + f"staff,2026-07-10,12.5,EUR,\n{row}\nkits,2026-07-11,-3,EUR,1\n".encode())
    assert (told["rows"], told["taken"], told["refused"]) == (3, 2, 1)
    (refusal,) = told["refusals"]
    assert (refusal["row"], refusal["field"], refusal["reason"]) == (3, field, reason)
    assert refusal["message"].endswith(".")
    mended = brought_in(office, grant, HEADER + b"staff,2026-07-10,12.5,EUR,\nkits,2026-07-11,-3,EUR,1\n")
    assert (mended["taken"], mended["known"]) == (0, 2)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"line,date,amount\n",
        b"line,line,date,amount,currency,rate\n",
        b"line,date,amount,currency,rate,colour\n",
        b"\xff\xfe\x00",
        HEADER + b'staff,2026-07-10,"1,EUR,1\n',
    ],
)
def test_a_file_that_is_no_ledger_is_refused_as_a_whole(office: Office, content: bytes) -> None:
    grant = office.grant()
    refused = office.asks(FINANCE, "POST", f"/grants/{grant['id']}/expenditures", content)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid")
    assert office.done(FINANCE, "GET", f"/grants/{grant['id']}/expenditures") == []


def test_equal_rows_of_one_file_are_different_and_a_reference_tells_rows_apart(office: Office) -> None:
    grant = office.grant()
    row = b"staff,2026-07-10,5,EUR,1\n"
    assert brought_in(office, grant, HEADER + row + row)["taken"] == 2
    named = b"line;date;amount;currency;rate;reference\nstaff;2026-07-10;5.00;EUR;1;V-17\n"
    assert brought_in(office, grant, named)["taken"] == 1
    assert brought_in(office, grant, HEADER + b"staff,2026-07-10,5.00,EUR,1.0\n")["taken"] == 0


def test_the_wrong_file_is_taken_back_until_it_is_signed(office: Office) -> None:
    grant = office.grant()
    entry = brought_in(office, grant, LEDGER)["entry"]["id"]
    assert office.asks(FINANCE, "DELETE", f"/expenditures/{entry}").status_code == 204
    assert spent(office, grant)["unsigned"] == 0
    entry = brought_in(office, grant, LEDGER)["entry"]["id"]
    office.done(SECOND_FINANCE, "POST", f"/expenditures/{entry}/signature")
    assert office.asks(FINANCE, "DELETE", f"/expenditures/{entry}").status_code == 409


@pytest.mark.parametrize(
    ("amount", "rate", "figure"),
    [
        ("10.005", "1", "10.01"),
        ("-10.005", "1", "-10.01"),
        ("100", "0.33333", "33.33"),
        ("0.1", "0.1", "0.01"),
        ("1.234", "3.3", "4.07"),
    ],
)
def test_each_row_is_rounded_by_itself_halves_away_from_zero(amount: str, rate: str, figure: str) -> None:
    assert converted(Decimal(amount), Decimal(rate)) == Decimal(figure)
