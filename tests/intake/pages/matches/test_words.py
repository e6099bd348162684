"""Every word of the pages of possible matches is in the catalogues: with translated words taken away, data is left."""

from __future__ import annotations

import re
from functools import cache
from gettext import NullTranslations
from typing import Any

import pytest
from babel import Locale
from babel.messages.pofile import read_po
from sqlalchemy import update

from services.intake.commands.matches.sweeping import sweep_matches_at
from services.intake.domain import Match
from services.intake.matching import Comparison, Term
from shared.database import transaction, utc_now
from shared.pages import LANGUAGES, languages, site
from tests.intake.matching.proposals.conftest import FOUND, MANAGER, SOUGHT
from tests.intake.pages.matches.conftest import CONFIRM_FORM, DPO, REJECT_FORM, RELEASE_FORM, Desks, decide
from tests.staff import NAMES, Browser

BEGIN, END = "\N{LEFT SQUARE BRACKET WITH QUILL}", "\N{RIGHT SQUARE BRACKET WITH QUILL}"
SHOWN = re.compile(r'\b(?:aria-label|data-label|title|alt|placeholder)="([^"]*)"')
TYPED = "Quatrefoil"
TERMS = (
    Term("prior", "unknown", "how_rare_a_match_is", -6.0),
    Term("name", "strong", "name_sounds_alike", 6.0),
    Term("birth", "partial", "one_year_apart", 1.0),
    Term("sex", "partial", "sex_same", 1.0),
    Term("marks", "different", "marks_different", -1.0),
    Term("mother", "strong", "mother_same", 6.0),
)


class Marking(NullTranslations):
    """Says a text between marks, if a language has it; any other text is as it was."""

    def __init__(self, known: set[str]) -> None:
        super().__init__()
        self._known = known

    def gettext(self, message: str) -> str:
        return f"{BEGIN}{message}{END}" if message in self._known else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@pytest.fixture
def marked_desks(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Desks:
    """Pages in French, whose translated texts stand between marks."""
    with (languages.CATALOGUES / "fr.po").open("rb") as stream:
        texts = [one.id for one in read_po(stream) if one.id and one.string]
    known = {one for text in texts for one in (text if isinstance(text, tuple | list) else (text,))}
    for module in (languages, site):
        monkeypatch.setattr(module, "translations", lambda tag: Marking(known) if tag == "fr" else NullTranslations())
    alone = cache(site._environment.__wrapped__)  # what says texts so is of this test alone
    monkeypatch.setattr(site, "_environment", alone)
    desks: Desks = request.getfixturevalue("desks")
    return desks


def untranslated(page: str) -> list[str]:
    """Words of a page that no catalogue has, and that are no data."""
    page = re.sub(r"<(script|style|svg|head)\b.*?</\1>", " ", page, flags=re.DOTALL)
    page = " ".join([*SHOWN.findall(page), re.sub(r"<[^>]+>", " ", page)])
    while BEGIN in page:
        page, before = re.sub(f"{BEGIN}[^{BEGIN}{END}]*{END}", " ", page), page
        assert page != before, "a mark without its other half"
    return sorted(one for one in words(page) - DATA if not one.isupper())  # references and codes are


def words(*texts: str) -> set[str]:
    return {word for text in texts for word in re.findall(r"[^\W\d_]{2,}", text)}


_FRENCH = Locale("fr")
DATA = words(
    *(SOUGHT, FOUND, TYPED, "Perpetua Inkhorn", "Halima Petronell", "Camp Nightingale 7", "UTC", "KB", "MT"),
    *("Red Cross-A Crescent-B", *NAMES.values(), "Kinbridge", *(one.name for one in LANGUAGES.values())),
    *_FRENCH.territories.values(),
    *_FRENCH.months["format"]["wide"].values(),
    *("heures jours minutes jour heure",),
)


def look(browser: Browser, path: str, status: int = 200) -> None:
    assert untranslated(browser.open(path, status)) == [], path


def test_the_search_for_untranslated_words_finds_them() -> None:
    page = f'<p aria-label="A label">{BEGIN}Known {BEGIN}inside{END}{END} and not {SOUGHT}</p><svg>Icon</svg>'
    assert untranslated(page) == ["and", "label", "not"]


def test_every_word_of_the_pages_is_in_the_catalogues(marked_desks: Desks) -> None:
    desks, hub = marked_desks, marked_desks.hub
    holder, enquirer = desks.holder(), desks.enquirer()
    manager, reader = desks.enquirer(MANAGER), desks.holder(DPO)
    everybody = (holder, enquirer, manager, reader, desks.holder(MANAGER))
    for one in everybody:
        one.open("/intake/language/fr", 303)
    lists = [f"/intake/matches?view={view}" for view in ("waiting", "colleagues", "found", "sought")]

    def lists_are_translated() -> None:
        for one in everybody:
            for path in (*lists, "/intake/my-work"):
                look(one, path)

    lists_are_translated()
    sought, found = hub.request(), hub.registered()
    hub.propose(sought, found, Comparison(sum(one.bits for one in TERMS), 0.98, TERMS))
    match = str(hub.rows()[0].id)
    path = f"/intake/matches/{match}"
    lists_are_translated()
    for one in (holder, reader):
        look(one, path)
    for form, status in (({}, 422), ({"do": "release"}, 409), ({"do": "reject"}, 422), ({"do": "look_further"}, 422)):
        assert untranslated(holder.send(path, form, status)) == []
    noted = {"look_further.by-day": "1", "look_further.by-month": "1", "look_further.by-year": "2040"}
    assert untranslated(holder.send(path, {"do": "look_further", "look_further.text": TYPED, **noted}, 422)) == []
    today = utc_now().date()
    for part, number in (("day", today.day), ("month", today.month), ("year", today.year)):
        noted[f"look_further.by-{part}"] = str(number)
    holder.open(path)
    holder.send(path, {"do": "look_further", "look_further.text": TYPED, **noted})
    look(holder, f"{path}/decided?done=look_further")
    look(holder, path)
    hub.answers(found)
    refused = {**RELEASE_FORM, "release.text": TYPED, "release.relationship_verified": "no"}
    holder.open(path)
    assert untranslated(holder.send(path, refused, 409)) == []
    decide(holder, path, {**RELEASE_FORM, "release.text": TYPED})
    lists_are_translated()
    for one in (holder, enquirer):
        look(one, path)
        look(one, f"{path}/decided?done=release")
    manager.open(path)
    decide(enquirer, path, {"do": "ask", "ask.text": TYPED})
    assert untranslated(manager.send(path, CONFIRM_FORM, 412)) == []
    for one in (holder, enquirer):
        look(one, path)
        look(one, f"{path}/decided?done=ask")
    lists_are_translated()
    decide(holder, path, {"do": "answer", "answer.text": TYPED})
    decide(enquirer, path, {"do": "confirm", "confirm.text": TYPED})
    for one in (holder, enquirer, manager):
        look(one, path)
        look(one, f"{path}/decided?done=confirm")
    decide(manager, path, {"do": "undo", "undo.text": TYPED, "undo.reason": "confirmed_in_error"})
    for one in (holder, manager):
        look(one, path)
        look(one, f"{path}/decided?done=undo")
    for show in ("confirmed", "rejected", "withdrawn", "all"):
        look(holder, f"/intake/matches?view=found&show={show}")
    assert untranslated(enquirer.open(f"/intake/matches/{sought.person}", 404)) == []
    enquirer.open("/intake/matches")
    assert untranslated(enquirer.send(f"/intake/matches/{sought.person}", {}, 404)) == []


@pytest.mark.parametrize("ending", ["child", "hidden", "withdrawn", "rejected", "late", "one organisation", "dead"])
def test_also_where_a_match_is_unlike_others(marked_desks: Desks, ending: str) -> None:
    desks, hub = marked_desks, marked_desks.hub
    browsers = [desks.holder(), desks.enquirer(), desks.holder(MANAGER), desks.holder(DPO)]
    for one in browsers:
        one.open("/intake/language/fr", 303)
    young: dict[str, Any] = {"birth": {"year": 2015}} if ending == "child" else {}
    sought = hub.request(hub.holder if ending == "one organisation" else None, **young)
    found = hub.registered(**young)
    if ending == "hidden":
        hub.of(hub.holder, MANAGER).post(f"agreements/{hub.agreement}/end")
        hub.agree(fields=["names", "sex"])
    hub.propose(sought, found)
    match = str(hub.rows()[0].id)
    path = f"/intake/matches/{match}"
    if ending == "withdrawn":
        hub.no(sought)
    if ending == "rejected":
        decide(browsers[0], path, {**REJECT_FORM, "reject.text": TYPED})
    if ending == "late":
        with transaction(hub.engine) as session:
            sweep_matches_at(session, utc_now().replace(year=2100))
    if ending == "one organisation":
        hub.answers(found)
        decide(browsers[0], path, {**RELEASE_FORM, "release.text": TYPED})
    if ending == "dead":
        with transaction(hub.engine) as session:
            session.execute(update(Match).values(state="released", released_at=utc_now(), agrees_to=None))
    for one in browsers:
        look(one, "/intake/my-work")
        look(one, "/intake/matches?view=colleagues")
        look(one, path, 404 if one is browsers[1] and ending not in {"dead"} else 200)
    if ending == "child":
        assert untranslated(browsers[0].send(path, RELEASE_FORM, 403)) == []
