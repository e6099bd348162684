"""The weights of the matcher: data with a version. `kinbridge match train` makes them anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

from services.intake.matching.channels import Channel

FOLDER = Path(__file__).parent / "learned"
VERSION = 3
"""A pair that was scored by another version is scored anew, and a record that another prepared is prepared anew."""
Band = Literal["strong", "likely", "possible"]
BANDS: dict[Band, float] = {"strong": 0.95, "likely": 0.8, "possible": 0.0}
"""Band of a proposal → the probability from which it is in it, the highest first."""


def band_of(probability: float) -> Band:
    """Which band a probability is in."""
    return next(band for band, least in BANDS.items() if probability >= least)


def _read(name: str) -> Any:
    return json.loads((FOLDER / name).read_text("utf-8"))


_letters = _read("letters.json")
LETTER_PAIRS: dict[str, float] = _letters["pairs"]
"""Two neighbouring letters of a name, `^` before and `$` behind it → log2 of how likely the second follows."""
UNSEEN_PAIR = -10.0
CHANNELS = {name: Channel.of(heard) for name, heard in _letters["channels"].items()}
_fitted = _read("weights.json")
NAME_WEIGHTS: list[float] = _fitted["name"]
"""Of names alone: a constant, then a weight for each of `names.FEATURES`."""
WEIGHTS: dict[str, float] = _fitted["fields"]
"""`field level` → bits, or bits for each unit where the level has an amount; `prior`; `named`: both have a name."""
NAME_IN_RECORD: list[float] = _fitted["name_in_record"]
"""Of names beside other fields: a weight for each of `names.FEATURES`."""
COMMON: dict[str, float] = _fitted["common"]
"""Skeletons of common names → bits that agreeing on one says."""
BLOCKING: list[float] = _fitted["blocking"]
"""A weight for each of `ranking.SIGNALS`."""
ROUGH_WEIGHTS: list[float] = _fitted["rough"]
"""A weight for each of `ranking.ROUGH`."""
PROPOSE_AT = 0.5
"""The probability from which a pair is proposed to a case worker: likelier one person than two."""
SAME_NAME_AT = 0.7
"""The bits from which two names alone count as one. Not learned: F1 on the training pairs of whole names in many
scripts is within half a point of its best from 0.5 to 0.8, and this lies between."""
