from __future__ import annotations

import base64
import hashlib
import itertools
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest

from services.reporting.rendering import IncidentReport, Issue, as_issue
from services.reporting.rendering.as_html import css_string, render_html
from services.reporting.rendering.wording import LANGUAGES
from tests.reporting.rendering.issues import grant_issue, table
from tests.reporting.rendering.page import Element, read_page
from tests.reporting.rendering.reports import Incident, five_years, report_of, routes

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRIPT = "<script>alert('x')</script>\"&"
LONG = "From the first place to the next and on " * 3
ARABIC = "طريق وسط البحر الأبيض المتوسط"


def page_of(report: IncidentReport) -> Element:
    return read_page(render_html(as_issue(report)))


def every_kind() -> Iterator[IncidentReport | Issue]:
    yield five_years()
    yield routes(30)
    yield report_of()
    yield report_of(Incident(dead=0, missing=0), grant=None, notes=(), covers=())
    yield report_of(Incident(route=SCRIPT, region=LONG, cause=ARABIC), title=SCRIPT, organisation=ARABIC)
    yield report_of(Incident(), breakdowns=())
    yield grant_issue()
    yield grant_issue(language="ar", draft=False)
    yield grant_issue(key_figures=(), sections=(), tables=(), charts=(), quality=(), revisions=(), covers=())


@pytest.fixture(
    params=list(every_kind()),
    ids=["5 years", "30 routes", "empty", "survivors", "hostile", "no split", "grant", "arabic", "bare"],
)
def page(request: pytest.FixtureRequest) -> Element:
    given: IncidentReport | Issue = request.param
    return read_page(render_html(given)) if isinstance(given, Issue) else page_of(given)


def test_the_page_is_one_file_that_loads_and_runs_nothing(page: Element) -> None:
    assert page.all("script", "link", "img", "iframe", "object", "form") == []
    for element in page.all():
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            assert name not in ("style", "src", "srcset", "action")
            assert name != "href" or str(value).startswith("#")
    style = page.one("style").text
    assert "@import" not in style
    assert "url(" not in style


def test_the_policy_allows_this_style_sheet_and_nothing_else(page: Element) -> None:
    digest = base64.b64encode(hashlib.sha256(page.one("style").text.encode()).digest()).decode()

    assert _policy(page) == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def test_headings_and_landmarks_are_in_order(page: Element) -> None:
    levels = [int(heading.tag[1]) for heading in page.all("h1", "h2", "h3")]

    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert [len(page.all(tag)) for tag in ("header", "main", "footer")] == [1, 1, 1]
    assert page.one("html").attributes["lang"] in LANGUAGES


def test_ids_are_unique_and_every_reference_finds_its_own(page: Element) -> None:
    ids = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    wanted = {
        target
        for element in page.all()
        for name in ("aria-labelledby", "href")
        for target in (element.attributes.get(name) or "").replace("#", "").split()
    }

    assert len(ids) == len(set(ids))
    assert wanted <= set(ids)


def test_tables_have_captions_and_scoped_headers(page: Element) -> None:
    for each in page.all("table"):
        assert each.one("caption").text
        assert {header.attributes.get("scope") for header in each.one("thead").all("th")} == {"col"}
        assert {header.attributes.get("scope") for header in each.one("tbody").all("th")} == {"row"}


def test_pictures_have_a_name_or_are_hidden(page: Element) -> None:
    inner = {id(one) for picture in page.all("svg") for one in picture.all("svg")}
    hidden = {id(one) for element in page.all() if element.attributes.get("aria-hidden") for one in element.all("svg")}
    for picture in page.all("svg"):
        if picture.attributes.get("aria-hidden") != "true" and id(picture) not in inner | hidden:
            assert picture.attributes["role"] == "img"
            assert picture.all("title")[0].text


def test_key_figures_come_first() -> None:
    page = page_of(report_of(Incident(dead=1200, missing=34)))

    assert [tile.text for tile in page.one("dl", class_="tiles").all("dd")] == ["1,234", "1,200", "34", "4", "1"]
    assert page.all("h2")[0].text == "Key figures"


def test_a_table_stands_behind_each_chart() -> None:
    page = page_of(five_years())

    assert [each.one("caption").text for each in page.all("details")] == [
        "Incidents and people by month",
        "Incidents and people by route",
    ]
    assert [each.one("caption").text for each in read_page(render_html(grant_issue())).all("details")] == [
        "Table of months",
        "Table of ages",
        "Table of places",
    ]


def test_the_dead_and_the_missing_differ_without_colour() -> None:
    page = page_of(five_years())

    assert {bar.attributes.get("fill") for bar in page.all("rect") if bar.attributes.get("class") == "hatched"} == {
        "url(#hatch)"
    }
    assert page.one("pattern", id="hatch")


def test_a_chart_says_in_words_what_it_shows() -> None:
    page = page_of(five_years())

    assert (
        "The highest is July 2016 with 1,600 dead or missing (82% of all): 1,002 dead, 598 missing."
        in page.all("desc")[0].text
    )


def test_thirty_routes_are_all_in_the_table() -> None:
    page = page_of(routes(30))

    assert len(page.one("ol", class_="bars").all("li")) == 13
    assert len(page.table("Incidents and people by route")) == 30 + 1


@pytest.mark.parametrize("name", [SCRIPT, "</style><script>x", "{{ 7 * 7 }}", "<!--", "]]>"])
def test_no_text_becomes_markup(name: str) -> None:
    incident = Incident(route=name, region=name, cause=name)

    rendered = render_html(as_issue(report_of(incident, title=name, organisation=name, notes=(name,))))

    page = read_page(rendered)
    assert page.all("script") == []
    assert b"<!--" not in rendered
    assert page.one("h1").text == page.one("header").one("p").text == name
    assert next(iter(page.table("Incidents and people by route"))) == name


@pytest.mark.parametrize(
    "title", ['"; } body { display: none } "', "a\\", "</style>", "line\nbreak", "é 中 😀", ARABIC]
)
def test_a_title_cannot_leave_its_place_in_the_style_sheet(title: str) -> None:
    quoted = str(css_string(title))

    assert re.fullmatch(r'"([A-Za-z0-9]|\\[0-9a-f]{6})*"', quoted)
    assert re.sub(r"\\([0-9a-f]{6})", lambda found: chr(int(found[1], 16)), quoted[1:-1]) == title
    assert str(css_string(title[:70]))[:-1] in page_of(report_of(title=title)).one("style").text


def test_text_of_any_script_is_isolated() -> None:
    page = page_of(
        report_of(
            Incident(route=ARABIC, region=ARABIC, cause=ARABIC), title=ARABIC, organisation=ARABIC, notes=(ARABIC,)
        )
    )

    body = page.one("body")
    for element in [body, *body.all()]:
        if ARABIC in "".join(child for child in element.children if isinstance(child, str)):
            assert element.tag in ("bdi", "title", "desc") or element.attributes.get("dir") == "auto", element
    assert page.one("h1").one("bdi").text == ARABIC


def test_a_long_label_is_shown_whole_and_may_wrap() -> None:
    page = page_of(report_of(Incident(route=LONG)))

    assert len(LONG) == 120
    label = page.one("ol", class_="bars").one("li").one("span")
    assert label.text == LONG  # a text beside its bar, not inside the drawing
    assert re.search(r"\.bars span {[^}]*overflow-wrap: anywhere", page.one("style").text)


def test_a_period_without_incidents_says_what_to_do_next() -> None:
    page = page_of(report_of(date_from=date(2013, 4, 1), date_to=date(2013, 4, 30)))

    assert page.all("h2")[0].text == "No incidents are recorded for this period"
    assert "from 1 April 2013 to 30 April 2013" in page.one("main").text
    assert len(page.one("ol").all("li")) == 3
    assert page.all("figure", "details") == []


def test_survivors_alone_give_tables_and_no_chart() -> None:
    page = page_of(report_of(Incident(dead=0, missing=0)))

    assert page.all("figure") == []
    assert page.table("Incidents and people by route")["Central Mediterranean"] == [1, 0, 0, 4, 1, 2, 1]


def test_how_the_figures_are_published_is_said() -> None:
    text = page_of(five_years()).one("main").text

    assert "Incident figures are published, not suppressed" in text
    assert "A blank count means unknown and adds 0." in text


def test_the_positions_covered_are_in_the_appendix() -> None:
    page = page_of(report_of(Incident()))

    assert page.table("Last position counted, by source and partition") == {"intake": list(range(1000, 1008))}


def test_it_prints_on_a4_with_repeated_heads_whole_rows_and_page_numbers() -> None:
    style = page_of(five_years()).one("style").text

    for rule in (
        "size: A4",
        'content: "Page\\000020" counter(page) "\\000020of\\000020" counter(pages)',
        "thead { display: table-header-group",
        "break-inside: avoid",
        "details::details-content { content-visibility: visible",
    ):
        assert rule in style


def test_a_draft_says_so_and_a_published_issue_does_not() -> None:
    assert "DRAFT" in read_page(render_html(grant_issue())).one("header").text
    assert "DRAFT" not in read_page(render_html(grant_issue(draft=False))).one("body").text


def test_what_changed_since_the_last_issue_is_shown_with_the_difference() -> None:
    page = read_page(render_html(grant_issue()))

    assert "This issue replaces issue 1: Late facts arrived." in page.one("header").text
    changes = next(each for each in page.all("table") if each.one("caption").text == "What changed since issue 1")
    assert [cell.text for cell in changes.one("tbody").all("tr")[0].all("th", "td")] == [
        "Table of months",
        "month 1",
        "Opened",
        "39",
        "41",
        "+2",
    ]


def test_marks_stand_in_the_table_and_the_chart_and_have_a_legend() -> None:
    page = read_page(render_html(grant_issue()))

    ages = next(each for each in page.all("table") if each.one("caption").text == "Table of ages")
    assert [cell.text for cell in ages.one("tbody").all("tr")[0].all("td")] == ["[c]", "1,030"]
    assert "[c]" in page.one("div", class_="pyramid").text
    assert {term.text for term in page.one("dl", class_="symbols").all("dt")} == {"[c]", "[x]", "[z]"}
    assert [one for one in page_of(five_years()).all("dl") if one.attributes.get("class") == "symbols"] == []


def test_every_part_of_an_issue_is_on_the_page() -> None:
    issue = grant_issue()
    said = read_page(render_html(issue)).one("body").text

    for text in (issue.digest, "RFL-2026/17", "Ministry (DAC)", "ITA, LBY", "Europe/Rome", issue.suppression):
        assert text in said
    for text in ("Signed off by Case manager, Tracing Network, 5 October 2026", "SDG 10.7", "ICRC, 2019", "1,007"):
        assert text in said


def test_arabic_is_written_from_right_to_left_and_its_figures_from_left_to_right() -> None:
    page = read_page(render_html(grant_issue(language="ar")))

    assert page.one("html").attributes["dir"] == "rtl"
    assert "الأرقام الرئيسية" in page.one("main").text
    figures = [cell for each in page.all("table") for cell in each.all("td") if "class" not in cell.attributes]
    assert figures
    assert all(cell.one("bdi").attributes["dir"] == "ltr" for cell in figures)


def test_a_control_character_is_replaced() -> None:
    odd = table("odd", "words", {"name": "text", "word": "text"}, ("a\x00b", "\x1b"))
    rendered = render_html(grant_issue(title="a\x00b", sections=(), charts=(), tables=(odd,)))

    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]", rendered)
    assert read_page(rendered).one("h1").text == "a\N{REPLACEMENT CHARACTER}b"


def test_one_type_family_is_used() -> None:
    style = page_of(five_years()).one("style").text

    assert set(re.findall(r'"Noto Sans".*?;', style)) == {'"Noto Sans", system-ui, sans-serif;'}
    assert "font-family" not in style


def test_dark_text_has_contrast() -> None:
    colours = dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", page_of(five_years()).one("style").text))

    for ink in ("ink", "muted", "accent"):
        for paper in ("#ffffff", colours["wash"], colours["accent-wash"]):
            assert _contrast(colours[ink], paper) >= 4.5


def _policy(page: Element) -> str | None:
    metas = [meta for meta in page.all("meta") if meta.attributes.get("http-equiv") == "Content-Security-Policy"]
    assert len(metas) == 1
    return metas[0].attributes["content"]


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2, contrast ratio."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
