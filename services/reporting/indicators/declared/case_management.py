"""Case management and forced return: how much work there is, and how fast people get an answer."""

from __future__ import annotations

from services.reporting.indicators.indicator import (
    OF_PEOPLE,
    Cases,
    Formula,
    Indicator,
    Measure,
    Referrals,
    Services,
    Told,
    Unit,
)

GROUP = "Case management"
RETURN = "Forced return"
_SOURCE = "Child Protection Minimum Standards, standard 18 (2019); Inter-Agency Guidelines for Case Management (2014)"


def _work(
    code: str, label: str, unit: Unit, formula: Formula, measure: Measure, what: str, source: str = _SOURCE
) -> Indicator:
    return Indicator(code, GROUP, label, unit, formula, measure, what, source, ("GCM 12",))


CASE_MANAGEMENT = (
    _work("case.opened", "Cases opened", "cases", "sum", Cases("opened"), "Cases submitted in the period."),
    _work("case.closed", "Cases closed", "cases", "sum", Cases("closed"), "Cases closed in the period."),
    _work(
        "case.open",
        "Caseload at the end",
        "cases",
        "latest",
        Cases("open_at_end"),
        "Cases that are not closed on the last day of the period; a duplicate that was merged is none.",
    ),
    _work(
        "case.closure_rate",
        "Closure rate",
        "per_cent",
        "average",
        Cases("closure_rate"),
        "Cases closed in the period, of those that were open when it began or were opened in it.",
    ),
    _work(
        "case.days_to_close",
        "Days from opening to closing",
        "days",
        "average",
        Cases("days_to_close"),
        "Mean number of days from submission to closing, of the cases closed in the period.",
    ),
    _work(
        "ref.answer_hours",
        "Hours until a referral is answered",
        "hours",
        "average",
        Referrals("answer_hours"),
        "Mean number of hours from offer to answer, of the referrals received that were answered in the period.",
        "IASC MHPSS Reference Group, Inter-Agency Referral Guidance Note (2017)",
    ),
    _work(
        "ref.sent",
        "Referrals sent",
        "cases",
        "sum",
        Referrals("sent"),
        "Referrals offered to other organisations in the period.",
    ),
    _work(
        "ref.received",
        "Referrals received",
        "cases",
        "sum",
        Referrals("received"),
        "Referrals that other organisations offered in the period.",
    ),
    _work(
        "told.in_time",
        "Families told in time",
        "per_cent",
        "average",
        Told("share_told_in_time"),
        "Of the news released in the period: how many families were told within 24 hours. What is recorded is the day "
        "on which they were told: the day of the release or the one after it is in time.",
        "Kinbridge: families are told within 24 hours of a release",
    ),
)
FORCED_RETURN = (
    Indicator(
        "ret.assisted",
        RETURN,
        "Forcibly returned people assisted on arrival",
        "people",
        "unique",
        Services("people", frozenset({"return_reception"})),
        "People received and given help after a forced return, each counted once.",
        "IFRC, Policy on Migration (2009), principle 9: assist migrants in return",
        ("GCM 21",),
        OF_PEOPLE,
    ),
    Indicator(
        "ret.monitored",
        RETURN,
        "Forced returns monitored",
        "services",
        "sum",
        Services("quantity", frozenset({"return_monitoring"})),
        "Return operations that were accompanied to see how people are treated.",
        "Directive 2008/115/EC, article 8(6): forced-return monitoring",
        ("GCM 21",),
    ),
)
