"""Matching: records of people in, ranked candidates with explanations out. Nothing here knows a database.

`prepare` makes what is compared of a record, once; `blocking_keys` what it is found by; `compare` says how likely two
prepared records are of one person, term by term; `rank` does that for whoever shares keys.
"""

from services.intake.matching.comparing import REASONS, Comparison, Term, compare
from services.intake.matching.keys import blocking_keys
from services.intake.matching.prepared import Prepared, prepare
from services.intake.matching.ranking import (
    COMPARED,
    LEAST_COMPARED,
    MOST_OF_KEY,
    Candidate,
    Holders,
    Likely,
    likely_candidates,
    rank,
    rarity_in,
    traits_of,
)
from services.intake.matching.records import Place, Record, Relative
from services.intake.matching.weights import BANDS, PROPOSE_AT, VERSION, band_of

__all__ = [
    "BANDS",
    "COMPARED",
    "LEAST_COMPARED",
    "MOST_OF_KEY",
    "PROPOSE_AT",
    "REASONS",
    "VERSION",
    "Candidate",
    "Comparison",
    "Holders",
    "Likely",
    "Place",
    "Prepared",
    "Record",
    "Relative",
    "Term",
    "band_of",
    "blocking_keys",
    "compare",
    "likely_candidates",
    "prepare",
    "rank",
    "rarity_in",
    "traits_of",
]
