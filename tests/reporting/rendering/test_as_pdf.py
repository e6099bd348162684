from __future__ import annotations

import io

import pypdf
import pytest

from services.reporting.rendering.as_pdf import UnprintableText, render_pdf
from services.reporting.rendering.issue import Issue
from tests.reporting.rendering.issues import grant_issue, long_issue
from tests.reporting.rendering.reading import text_of

ARABIC = "إعادة الروابط العائلية"
AMHARIC = "የቤተሰብ ግንኙነት መልሶ ማቋቋም"


def root_of(issue: Issue) -> pypdf.generic.DictionaryObject:
    root = pypdf.PdfReader(io.BytesIO(render_pdf(issue))).trailer["/Root"].get_object()
    assert isinstance(root, pypdf.generic.DictionaryObject)
    return root


def test_the_print_is_tagged_for_screen_readers() -> None:
    root = root_of(grant_issue(language="fr"))

    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "fr"
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    kinds = _kinds(root["/StructTreeRoot"])
    assert {"/H1", "/Table", "/TH", "/TD", "/Figure", "/P"} <= set(kinds)
    assert kinds.count("/Figure") == len(grant_issue().charts)


def test_each_chart_has_its_alternative() -> None:
    figures = [one for one in _elements(root_of(grant_issue())["/StructTreeRoot"]) if one.get("/S") == "/Figure"]

    assert [str(one["/Alt"]) for one in figures] == [
        f"Chart of {name}. What the {name} shows." for name in ("trend", "pyramid", "map", "bars")
    ]


def test_every_page_says_which_issue_it_is() -> None:
    issue = grant_issue()
    pages = pypdf.PdfReader(io.BytesIO(render_pdf(issue))).pages

    for at, page in enumerate(pages, 1):
        said = page.extract_text()
        assert f"Issue 2 · DRAFT · SHA-256 {issue.digest}" in said
        assert f"Page {at} of {len(pages)}" in said


def test_a_published_issue_is_no_draft() -> None:
    assert "DRAFT" in text_of(render_pdf(grant_issue()))
    assert "DRAFT" not in text_of(render_pdf(grant_issue(draft=False)))


@pytest.mark.parametrize(
    "markup",
    ["#panic()", "$x$ *bold* _it_", '#import "x"', "= Heading", "\\ ] [ }", "//", "/*", "@ref <label>", "`raw`"],
)
def test_no_text_becomes_markup(markup: str) -> None:
    said = text_of(render_pdf(grant_issue(title=markup, organisation=markup, suppression=markup, quality=(markup,))))

    assert said.count(markup) >= 4


@pytest.mark.parametrize(("language", "title"), [("ar", ARABIC), ("am", AMHARIC)])
def test_arabic_and_amharic_are_printed_with_signs_of_their_own(language: str, title: str) -> None:
    made = render_pdf(grant_issue(language=language, title=title))
    pages = pypdf.PdfReader(io.BytesIO(made)).pages
    fonts = {str(font["/BaseFont"]) for page in pages for font in map(_of, page["/Resources"]["/Font"].values())}

    assert any({"ar": "NotoSansArabic", "am": "NotoSansEthiopic"}[language] in name for name in fonts)
    assert pypdf.PdfReader(io.BytesIO(made)).metadata.title == title  # type: ignore[union-attr] # each print has one


@pytest.mark.parametrize(("text", "named"), [("中文", "U+4E2D, U+6587"), ("ok 😀", "U+1F600"), ("নাম", "U+09A8")])
def test_a_character_without_a_sign_is_an_error_that_names_it_and_its_place(text: str, named: str) -> None:
    with pytest.raises(UnprintableText, match=named.replace("+", r"\+")) as refused:
        render_pdf(grant_issue(quality=("fine", text)))

    assert "quality/1" in str(refused.value)
    assert [(one.field, one.code) for one in refused.value.fields] == [("quality/1", "unprintable_text")]
    assert text not in str(refused.value)


def test_a_table_of_many_pages_is_printed_to_its_last_row() -> None:
    """How long 3,000 rows take is a row of `make bench`."""
    said = text_of(render_pdf(long_issue(400)))

    assert all(f"Indicator {at} of the grant Place {at % 40} {at * 10:,} {at * 7:,} 70.0%" in said for at in range(400))


def _elements(element: pypdf.generic.DictionaryObject) -> list[pypdf.generic.DictionaryObject]:
    """All below an element of the structure, in the order of reading."""
    children = element.get("/K", [])
    children = children.get_object() if hasattr(children, "get_object") else children
    found = []
    for child in children if isinstance(children, list) else [children]:
        one = child.get_object() if hasattr(child, "get_object") else child
        if isinstance(one, pypdf.generic.DictionaryObject):
            found += [one, *_elements(one)]
    return found


def _kinds(root: pypdf.generic.DictionaryObject) -> list[str]:
    return [str(one["/S"]) for one in _elements(root.get_object()) if "/S" in one]


def _of(reference: pypdf.generic.PdfObject) -> pypdf.generic.DictionaryObject:
    found = reference.get_object()
    assert isinstance(found, pypdf.generic.DictionaryObject)
    return found
