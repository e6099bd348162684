"""Whatever a request holds, in its path, query, cookies, headers and form: no page fails, and no cookie is bad."""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

from shared.access import Role
from tests.intake.pages.conftest import Pages
from tests.intake.pages.odd_site import HEADERS, LISTS, ODD, ON_POSTGRESQL, OURS, Site, site, tell
from tests.staff import PASSWORD

__all__ = ["site"]


@ON_POSTGRESQL
def test_odd_paths_and_queries(site: Site) -> None:
    for walk in site.visitors:
        odds = ODD if walk.session else ODD[:4]
        for route in site.routes:
            method = "GET" if "GET" in route.methods else "POST"
            for at in re.findall(r"\{(\w+)\}", route.path):
                for odd in odds:
                    walk.ask("GET", site.path(route, odd, at))
                walk.post(site.path(route, ODD[0], at))
            names = {one.alias for one in route.dependant.query_params}
            names |= LISTS.get(route.path, set())
            for name in sorted(names):
                for odd in odds:
                    walk.ask(method, f"{site.path(route)}?{name}={odd}")
        for odd in ODD:
            walk.ask("GET", f"/intake/{odd}?{odd}={odd}")
            walk.ask("GET", f"/intake/invitation/{odd}")
    tell(site)


@ON_POSTGRESQL
def test_odd_cookies_and_headers(site: Site) -> None:
    stranger = site.visitors[0]
    for odd in [*map(unquote_to_bytes, ODD), b"http://[", b"//[", b"http://kinbridge.test[", b""]:
        for walk in site.visitors:
            for name in HEADERS:
                walk.ask("GET", "/intake/language/fr", **{name: odd})
                walk.post("/intake/cases/by-name", "name=Selam", **{name: odd})
        for name in OURS:
            stranger.ask("GET", "/intake/my-work", **{name: odd})
            stranger.ask("GET", "/intake/sign-in/code", **{name: odd})
            stranger.post("/intake/sign-in/code", "code=1", **{name: odd})
            stranger.post("/intake/invitation", "password=a&again=a", **{name: odd})
    tell(site)


@ON_POSTGRESQL
def test_odd_forms(site: Site) -> None:
    stranger, worker = site.visitors
    for route, path in site.paths("POST"):
        names = ["name", "next", "code"] if "/sign" in route.path else worker.names_in(path)
        walk = stranger if "/sign-in" in route.path else worker
        for odd in ODD:
            walk.post(path, "&".join(f"{quote(name)}={odd}" for name in [*names, odd]))
        for name in names:
            walk.post(path, f"{quote(name)}={ODD[1]}")
    assert worker.ask("GET", "/intake/my-work").status_code == 303, "signed out at the end"
    tell(site)


def test_an_odd_address_to_go_to_after_signing_in_is_dropped_and_a_plain_one_kept(pages_on_both: Pages) -> None:
    member = pages_on_both.own.member(Role.CASE_WORKER)
    odd = ("/intake/cases/\N{EURO SIGN}", "/intake/cases?place=\N{EURO SIGN}", "/intake/\r\nSet-Cookie: a=b")
    for wanted, led in (*((one, "/intake/my-work") for one in odd), ("/intake/cases?place=SYR",) * 2):
        browser = pages_on_both.browser()
        browser.open("/intake/sign-in")
        browser.send("/intake/sign-in", {"name": member.sign_in_name, "password": PASSWORD, "next": wanted})
        pages_on_both.own.forget_codes()
        browser.open("/intake/sign-in/code")
        assert browser.send("/intake/sign-in/code", {"code": member.code}) == led
