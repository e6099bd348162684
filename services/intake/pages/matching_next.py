"""What a possible match means now, and what comes next, in words for each side; and that the family is told nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from services.intake.casework.matching import LOOK_FURTHER, Side
from services.intake.domain import Match
from services.intake.pages.showing import isolated
from shared.pages import Language, marked, say

Whose = Side | Literal["both"]

MEANING = {
    "strong": marked("Much speaks for the same person, and little against it."),
    "likely": marked("More speaks for the same person than against it."),
    "possible": marked("It may be the same person, or somebody like them. Look closely."),
}
"""How alike the two records are, beside `casework.matching.BANDS`."""
FAMILY = marked("The family is told nothing by this page, and nothing before two people have said “same person”.")
TO_FIND_OUT = marked("Your case is due on the day that you said. The decision stays open until then.")
FAMILY_NEXT = marked("The family has been told nothing yet. Who tells it, and how, is decided on the case.")
FAMILY_NEVER = marked("The family was told nothing of it.")
NOTHING_MERGED = marked("Nothing is merged: each side keeps its own record.")
_NEXT: Mapping[tuple[str, Whose], tuple[str, ...]] = {
    ("proposed", "holder"): (
        marked("Only your organisation knows of this. {other} does not know that there is anything to decide."),
        marked("If you release it, {other} sees what is shared of the record, and confirms it, asks you, or says no."),
        FAMILY,
    ),
    ("proposed", "both"): (
        marked(
            "Both records are your organisation's. Two people decide: whoever releases it, a colleague confirms it."
        ),
        FAMILY,
    ),
    ("released", "holder"): (
        marked("It is now with {other}, which confirms it, asks you something, or says no."),
        marked("If the person takes its word back, record that on its case: it then ends at once."),
        FAMILY,
    ),
    ("released", "enquirer"): (
        marked("{other} has found somebody, and looked at this first. Your organisation decides second."),
        marked("If you confirm it, both organisations see that, and both cases are due within three days."),
        FAMILY,
    ),
    ("released", "both"): (
        marked("It was released. A colleague of who released it confirms it, or says no."),
        FAMILY,
    ),
    ("information_asked", "holder"): (
        marked("{other} must know something before it can decide. Once you have answered, it goes on."),
        FAMILY,
    ),
    ("information_asked", "enquirer"): (
        marked("{other} was asked. Its answer stands here in the history, and then you decide."),
        FAMILY,
    ),
    ("information_asked", "both"): (
        marked("A colleague must know something before it can be decided. Once it is answered, it goes on."),
        FAMILY,
    ),
    ("confirmed", "holder"): (
        marked("Two people have said that it is the same person. Your case is due within three days."),
        marked("Agree with {other} on what comes next, and go no further than the person agreed to."),
        NOTHING_MERGED,
        FAMILY_NEXT,
    ),
    ("confirmed", "enquirer"): (
        marked("Two people have said that it is the same person. Your case is due within three days."),
        marked("Agree with {other} on what comes next. Then release the news on your case, and tell the family."),
        NOTHING_MERGED,
        FAMILY_NEXT,
    ),
    ("confirmed", "both"): (
        marked("Two people have said that it is the same person. Both cases are due within three days."),
        NOTHING_MERGED,
        FAMILY_NEXT,
    ),
    ("rejected", "holder"): (
        marked("The two records stay apart, and are not proposed again unless what is known of one of them changes."),
        FAMILY_NEVER,
    ),
    ("withdrawn", "holder"): (
        marked("This is over: nobody decides on it any more, and nothing of the other record is shown."),
        FAMILY_NEVER,
    ),
}
"""State and side → what comes next, as sentences. Where a side has none of its own, the holder's are both's."""


def whose(match: Match, sides: tuple[Side, ...]) -> Whose:
    """The side that somebody sees a match from; both where both records are of one organisation."""
    return "both" if match.found_organisation_id == match.sought_organisation_id else sides[0]


def what_next(match: Match, sides: tuple[Side, ...], other: str, language: Language, done: str = "") -> list[str]:
    """What comes next with a match, for whoever sees it from these sides; also after what was just `done`."""
    told = _NEXT.get((match.state, whose(match, sides))) or _NEXT[match.state, "holder"]
    if done == LOOK_FURTHER and match.state == "proposed":
        told = (TO_FIND_OUT, *told)
    return [say(language, one).format(other=isolated(other)) for one in told]
