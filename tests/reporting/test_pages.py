"""The report as a page: opened by a signed link, of a period or of all that is counted."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import get_args
from urllib.parse import unquote_to_bytes

import pytest
from sqlalchemy import Engine

from services.reporting import app
from services.reporting.api.requests import Language
from services.reporting.domain import IncidentFact
from services.reporting.rendering.wording import LANGUAGES
from shared.access import LINK_LIFE, Actor, issue_token
from shared.crypto import KeyRing
from shared.database import transaction, utc_now
from tests.client import TestClient
from tests.factories import ANOTHER_ORGANISATION, ORGANISATION, Factory


@pytest.fixture
def client(database: Callable[[str], Engine], keys: KeyRing, factory: Factory) -> TestClient:
    """Facts of two organisations: of the first in 2016 and 2018, of the other in 2019."""
    engine = database("reporting")
    days = [(ORGANISATION, "2016-03-05"), (ORGANISATION, "2018-06-07"), (ANOTHER_ORGANISATION, "2019-08-09")]
    with transaction(engine) as session:
        for organisation, day in days:
            date = utc_now().fromisoformat(day).date()
            session.add(
                IncidentFact(
                    case_id=factory.id(), organisation_id=organisation, occurred_from=date, occurred_to=date, dead=1
                )
            )
        session.flush()
    return TestClient(app.build(engine, keys), raise_server_exceptions=False)


def period_of(client: TestClient, keys: KeyRing, actor: Actor, query: str = "") -> list[str]:
    """The first and the last day of the page behind a signed link, whose address holds no token any more."""
    answer = client.get(f"/reporting/open?token={issue_token(keys, actor)}{query}")
    assert answer.status_code == 200, answer.text
    assert "token" not in str(answer.url)
    return re.findall(r'<time datetime="([0-9-]{10})">', answer.text)[:2]


def test_without_a_period_everything_counted_that_may_be_seen_is_reported(client: TestClient, keys: KeyRing) -> None:
    assert period_of(client, keys, Actor(ORGANISATION)) == ["2016-03-05", "2018-06-07"]
    assert period_of(client, keys, Actor(ORGANISATION, operator=True)) == ["2016-03-05", "2019-08-09"]


def test_a_period_that_is_named_is_kept(client: TestClient, keys: KeyRing) -> None:
    own, whole, begun = Actor(ORGANISATION), "&from=2017-01-01&to=2018-12-31", "&from=2017-01-01"
    assert period_of(client, keys, own, whole) == ["2017-01-01", "2018-12-31"]
    assert period_of(client, keys, own, begun) == ["2017-01-01", "2018-06-07"]


@pytest.mark.parametrize(
    ("language", "direction", "title"),
    [
        ("ar", "rtl", "الوفيات وحالات الاختفاء على طرق الهجرة"),
        ("am", "ltr", "በስደት መንገዶች ላይ የደረሱ ሞትና መጥፋት"),
        ("fr", "ltr", "Morts et disparitions sur les routes migratoires"),
    ],
)
def test_the_report_is_in_the_language_that_is_asked_for(
    client: TestClient, keys: KeyRing, language: str, direction: str, title: str
) -> None:
    token = issue_token(keys, Actor(ORGANISATION))
    page = client.get(f"/reporting/open?token={token}&language={language}")
    assert str(page.url).endswith(f"/reporting/incidents?language={language}")
    whole = f"/reporting/v1/incidents?from=2016-01-01&to=2018-12-31&format=html&language={language}"
    for answer in (page, client.get(whole, headers={"Authorization": f"Bearer {token}"})):
        assert f'<html lang="{language}" dir="{direction}">' in answer.text
        assert f"<title>{title}</title>" in answer.text
        assert "Deaths and disappearances" not in answer.text
    assert client.get("/reporting/incidents?language=xx").status_code == 422
    assert get_args(Language) == LANGUAGES


def test_where_nothing_is_counted_this_year_is_shown(client: TestClient, keys: KeyRing, factory: Factory) -> None:
    year = utc_now().year
    assert period_of(client, keys, Actor(factory.id())) == [f"{year}-01-01", f"{year}-12-31"]


def test_without_a_signed_link_or_with_an_old_one_there_is_no_page(client: TestClient, keys: KeyRing) -> None:
    assert client.get("/reporting/incidents").status_code == 401
    old = issue_token(keys, Actor(ORGANISATION), now=utc_now() - LINK_LIFE - timedelta(seconds=1))
    assert client.get(f"/reporting/open?token={old}").status_code == 401
    client.cookies.set("kinbridge", old)
    assert client.get("/reporting/incidents").status_code == 401


def test_nothing_odd_in_a_request_makes_a_page_fail(client: TestClient) -> None:
    for odd in ("%E2%82%AC", "%00", "%0d%0aSet-Cookie:%20a=b", "%ff", "x" * 3000, "9" * 30, "0000-00-00", "[", ""):
        for asked in (f"open?token={odd}", f"open?token=a.b.c&from={odd}", f"incidents?from={odd}&to={odd}"):
            for cookie in (odd, unquote_to_bytes(odd), f"kinbridge={odd}", b"kinbridge=" + unquote_to_bytes(odd)):
                answer = client.get(f"/reporting/{asked}", headers={"Cookie": cookie}, follow_redirects=False)
                assert answer.status_code in {401, 422}, (asked, cookie, answer.text)
                assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_where_the_address_is_encrypted_the_links_token_never_goes_in_the_clear(
    client: TestClient, keys: KeyRing, scheme: str, secure: bool
) -> None:
    address = f"{scheme}://kinbridge.test/reporting/open?token={issue_token(keys, Actor(ORGANISATION))}"
    kept = client.get(address, follow_redirects=False).headers["set-cookie"]
    assert ("Secure" in kept) is secure
    assert "HttpOnly" in kept
