"""How long personal data of each type of case is kept. Retention proposes; two people erase.

No law gives these periods: each organisation declares its own (ICRC, *Handbook on Data Protection in Humanitarian
Action*, 2nd ed., 2.7: kept for a defined period, as long as the purpose needs; then reviewed, deleted or archived;
RFL Code of Conduct on Data Protection, 2015, 4.6). They are counted in days from the last change of a closed case.
"""

from __future__ import annotations

from datetime import timedelta

_YEAR = timedelta(days=365)

RETENTION: dict[str, timedelta] = {
    "tracing_request": 10 * _YEAR,
    "child": 10 * _YEAR,
    "remains": 20 * _YEAR,
    "detention": 5 * _YEAR,
    "protection_incident": 5 * _YEAR,
    "assistance": 5 * _YEAR,
    "registration": 2 * _YEAR,
    "red_cross_message": 1 * _YEAR,
}
"""Case type → how long after the last change of a closed case."""
OTHERWISE = 5 * _YEAR
"""Of a type that declares none."""
ONLY_REVIEWED = frozenset({"tracing_request", "child", "remains"})
"""While such a case is open its people are never proposed: families look for decades."""
COMPLAINTS = 2 * _YEAR
"""How long after somebody dealt with it the text of a complaint is kept: it shows what keeps coming back, and what was
answered where somebody complains again. The length is ours: no standard gives one. What nobody dealt with is never
proposed."""
REVIEW_EVERY = 1 * _YEAR
"""An open case of `ONLY_REVIEWED` that nobody has changed for so long is listed, to be looked at."""
