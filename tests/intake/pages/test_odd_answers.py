"""Whatever is answered to a form: no page fails."""

from __future__ import annotations

from urllib.parse import quote

from services.intake.casework import CASE_TYPES
from services.intake.pages import visits
from services.intake.pages.protection_deeds import DEEDS
from shared.access import Role
from tests.intake.own_fields.conftest import define, schema
from tests.intake.pages.conftest import Pages
from tests.intake.pages.odd_site import ODD, ON_POSTGRESQL, Site, Walk, site, tell
from tests.intake.pages.referring import hub_of

__all__ = ["site"]


@ON_POSTGRESQL
def test_odd_answers_to_the_forms_of_every_deed(site: Site) -> None:
    worker, asked = site.visitors[1], set()
    for type_, case in site.cases.items():
        for deed in CASE_TYPES[type_].life_cycle.deeds:
            if deed.form is None or deed.form in asked:
                continue
            asked.add(deed.form)
            names = worker.names_in(f"{case}/do/{deed.name}")
            for odd in (*ODD[:5], *ODD[-3:]):
                worker.post(f"{case}/do/{deed.name}", "&".join(f"{quote(name)}={odd}" for name in names))
    person = f"/intake/cases/{site.known['case_id']}/people/{site.known['person_id']}/protection"
    for name in DEEDS:
        names = worker.names_in(f"{person}/{name}")
        for odd in (*ODD[:5], *ODD[-3:]):
            worker.post(f"{person}/{name}", "&".join(f"{quote(one)}={odd}" for one in names))
    tell(site)


@ON_POSTGRESQL
def test_odd_answers_to_the_forms_of_whoever_keeps_the_directory(site: Site, pages_on_both: Pages) -> None:
    manager = pages_on_both.browser(Role.CASE_MANAGER)
    walk = Walk(site.visitors[0].client, manager.client.cookies[visits.SESSION])
    site.visitors.append(walk)
    service = f"/intake/services/{site.known['service_id']}"
    for path in ("/intake/services/new", f"{service}/change"):
        names = walk.names_in(path)
        assert len(names) > 20
        for odd in ODD:
            walk.post(path, "&".join(f"{quote(name)}={odd}" for name in names))
        for name in names:
            walk.post(path, f"{quote(name)}={ODD[1]}")
    for act in ("confirm", "withdraw", "bring-back"):
        for odd in ODD:
            walk.post(f"{service}/{act}", f"version={odd}&then={odd}")
    tell(site)


@ON_POSTGRESQL
def test_odd_answers_to_own_questions_and_to_the_forms_that_ask_them(pages_on_both: Pages, site: Site) -> None:
    manager = pages_on_both.browser(Role.CASE_MANAGER)
    walk = Walk(site.visitors[0].client, manager.client.cookies[visits.SESSION])
    define(hub_of(pages_on_both).manager, schema(), "tracing_request")
    define(hub_of(pages_on_both).manager, schema())
    here = "/intake/own-fields/registration"
    officer = site.visitors[1]
    forms = {here: walk, f"{here}/schema": walk, f"{site.cases['registration']}/own": officer}
    forms |= {f"/intake/new/{site.known['draft_id']}/own": officer, f"{here}/retire": walk}
    for path, who in forms.items():
        found = who.names_in(path if "retire" not in path else here)
        names = [one for one in found if one not in {"do", "version"}]
        assert names or "retire" in path, path
        acts = ("show", "add", "up.1", "remove.0") if "do" in found and "retire" not in path else ()
        for odd in ODD:
            for do in ("save", *acts, odd):
                typed = "&".join(f"{quote(one)}={odd}" for one in names if one != "block")
                who.post(path, f"{typed}&do={do}&version=1&block=0&block=1&block={odd}")
                who.post(path, f"{typed}&do={do}&version={odd}&block={odd}")
    assert officer.wrong == walk.wrong == []


@ON_POSTGRESQL
def test_odd_answers_to_the_forms_of_agreements_and_referrals(pages_on_both: Pages, site: Site) -> None:
    manager = pages_on_both.browser(Role.CASE_MANAGER)
    walk = Walk(site.visitors[0].client, manager.client.cookies[visits.SESSION])
    referral, agreement = (f"/intake/{one}s/{site.known[f'{one}_id']}" for one in ("referral", "agreement"))
    looked_at = ("", "&do=send", "&do=change")
    forms = {
        "/intake/agreements/new": ("",),
        f"{site.cases['registration']}/refer": looked_at,
        f"{referral}/update": looked_at,
        f"{referral}/do/revoke": ("",),
        f"{agreement}/do/end": ("",),
    }
    for path, acts in forms.items():
        names = [one for one in walk.names_in(path) if one not in {"version", "key"}]
        assert names or "end" in path, path
        for odd in ODD:
            for more in acts:
                walk.post(path, "&".join(f"{quote(one)}={odd}" for one in [*names, "version", "key"]) + more)
                walk.post(path, "&".join(f"{quote(one)}={odd}" for one in names) + f"&version=1{more}")
    assert walk.wrong == []


@ON_POSTGRESQL
def test_odd_answers_to_a_possible_match(site: Site) -> None:
    officer, path = site.visitors[1], f"/intake/matches/{site.known['match_id']}"
    names = [one for one in officer.names_in(path) if one not in {"do", "version"}]
    assert "reject.text" in names
    for odd in ODD:
        typed = "&".join(f"{quote(one)}={odd}" for one in names)
        for do in ("reject", "release", "confirm", odd):
            officer.post(path, f"{typed}&do={do}&version=1")
            officer.post(path, f"{typed}&do={do}&version={odd}")
        officer.ask("GET", f"{path}/decided?done={odd}")
    assert officer.wrong == []
