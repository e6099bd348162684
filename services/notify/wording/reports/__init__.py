"""The words of the mail that brings a report to a donor's people, in the pages' languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from babel.dates import format_date

from shared.issue_files import IssueHead
from shared.pages.languages import LANGUAGES, Language, marked, say

SUBJECT = marked("Report on grant {number}, {first} to {last}, issue {issue}")
TEXT = (
    marked("{organisation} reports on a grant to its donor. The report is attached."),
    "",
    marked("Grant: {number}, {title}"),
    marked("Period: {first} to {last}"),
    marked("Issue: {issue}"),
    marked("Attached: {forms}"),
    marked("Digest of the issue (SHA-256): {digest}"),
    "",
    marked("Each attachment shows this digest, and the figures in all of them are the same."),
    "",
    marked("This mail was sent to your address alone: {organisation} entered it for the reports on this grant."),
    marked("If you want no more of them, open this page. You need not sign in:"),
    "{link}",
    "",
    marked("Nobody reads answers to this mail: write to the people you know at {organisation}."),
)
"""Line by line."""
_ISOLATED = "\N{FIRST STRONG ISOLATE}{}\N{POP DIRECTIONAL ISOLATE}"


@dataclass(frozen=True)
class WrittenMail:
    """What a reader is told."""

    subject: str
    text: str


def report_mail(head: IssueHead, forms: Sequence[str], tag: str, link: str) -> WrittenMail:
    """The mail with an issue, in one of the pages' languages; another tag is English."""
    language = LANGUAGES.get(tag, LANGUAGES["en"])
    known = {
        "organisation": head.organisation,
        "number": head.grant_number,
        "title": head.grant_title,
        "first": _day(head.date_from, language),
        "last": _day(head.date_to, language),
        "issue": str(head.number),
        "forms": ", ".join(form.upper() for form in forms),
        "digest": head.digest,
    }
    if language.direction == "rtl":
        known = {name: _ISOLATED.format(value) for name, value in known.items()}
    lines = [say(language, line).format(**known, link=link) for line in TEXT]
    return WrittenMail(say(language, SUBJECT).format(**known), "\n".join(lines) + "\n")


def _day(day: date, language: Language) -> str:
    return format_date(day, "long", locale=language.locale)
