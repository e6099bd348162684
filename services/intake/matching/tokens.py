"""A name becomes its parts: each with its letters, its romanisations and its role."""

from __future__ import annotations

from functools import lru_cache
from weakref import WeakValueDictionary

from services.intake.matching.scripts import fold, romanisations, script_of, split
from services.intake.matching.scripts.ways import words
from services.intake.matching.sounds import skeletons, sound
from services.intake.matching.variants import groups_of
from services.intake.matching.weights import LETTER_PAIRS, UNSEEN_PAIR

MOST_PARTS = 8
"""Of one name: what comes after is not compared."""
MOST_ROMANISATIONS = 5
PARTICLES = frozenset(
    [
        "al",
        "el",
        "ul",
        "ur",
        "as",
        "ad",
        "an",
        "ar",
        "at",
        "az",
        "ibn",
        "bin",
        "ben",
        "bint",
        "bent",
        "binti",
        "bte",
        "abu",
        "bou",
        "ould",
        "oulad",
        "wuld",
        "walad",
        "ait",
        "de",
        "da",
        "do",
        "dos",
        "das",
        "del",
        "della",
        "delle",
        "di",
        "du",
        "des",
        "la",
        "le",
        "les",
        "lo",
        "los",
        "las",
        "van",
        "von",
        "vom",
        "der",
        "den",
        "ter",
        "ten",
        "zu",
        "zur",
        "zum",
        "y",
        "e",
        "i",
        "und",
        "san",
        "santa",
        "mac",
        "mc",
        "o",
        "ap",
        "af",
        "av",
        "ka",
        "ke",
        "wa",
    ]
)
"""Parts that are often left out, joined or written otherwise: whether they are there says little."""
HONORIFICS = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mister",
        "dr",
        "doctor",
        "prof",
        "professor",
        "sir",
        "madam",
        "monsieur",
        "madame",
        "mme",
        "mlle",
        "herr",
        "frau",
        "senor",
        "senora",
        "sr",
        "sra",
        "don",
        "dona",
        "sheikh",
        "shaikh",
        "sheik",
        "shaykh",
        "cheikh",
        "haj",
        "hajj",
        "hajji",
        "haji",
        "hajja",
        "alhaj",
        "alhaji",
        "hadji",
        "sayyid",
        "sayyed",
        "sayed",
        "syed",
        "sidi",
        "imam",
        "mullah",
        "mulla",
        "maulvi",
        "maulana",
        "mawlawi",
        "ustad",
        "agha",
        "begum",
        "khanum",
        "hanim",
        "bey",
        "efendi",
        "pasha",
        "president",
        "general",
        "colonel",
        "captain",
        "major",
        "lieutenant",
        "llc",
        "jr",
        "senior",
        "junior",
        "late",
        "md",
        "mst",
        "mosammat",
        "u",
        "daw",
        "ma",
        "maung",
        "ko",
        "saya",
        "ashin",
        "ato",
        "wro",
        "wrt",
        "woizero",
    ]
)
"""Titles and forms of address. Some are names too (*Begum*, *Md*): they count, and count little."""
TITLES = frozenset(
    map(
        fold,
        words(
            "دكتور دكتورة مولوی ملا استاد آقا آغا خانم ڈاکٹر አቶ ወይዘሮ ወይዘሪት ዶክተር ሼህ "
            "মোঃ মোছাঃ মোসাম্মৎ ডাঃ জনাব श्री श्रीमती डॉ सुश्री นาย นาง นางสาว คุณ "
            "ד״ר ბატონი ქალბატონი κύριος κυρία господин госпожа пан пані"
        ),
    )
)
"""Forms of address in their own scripts, folded, whose romanisation does not tell them."""
_LIGHT = PARTICLES | HONORIFICS
LIGHT = 0.3
"""What a particle or title weighs, beside a name."""
MOST_RARE = 14.0
"""Bits that a part can bring at the most, however rare it is."""


class Part:
    """One part of a name. `part` gives them; the same part is the same object, and compares by that."""

    __slots__ = (
        "__weakref__", "bare", "chance", "groups", "initial", "latin", "light", "rare", "script", "skeleton", "source",
        "weight",
    )  # fmt: skip

    def __init__(self, source: str, script: str, latin: tuple[str, ...]) -> None:
        self.source = source
        """Its letters, folded, in its own script."""
        self.script = script
        """ISO 15924."""
        self.latin = latin
        """One to five romanisations in a–z, the likeliest first; an initial has its letter alone."""
        self.initial = len(source) == 1 and script in {"Latn", "Cyrl", "Grek", "Armn", "Geor"}
        """True for a letter that stands for a name."""
        self.light = source in TITLES or not _LIGHT.isdisjoint(latin[:2])
        """True for a particle or a form of address."""
        self.weight = LIGHT if self.light else 1.0
        bare = skeletons(latin, 3, written=script == "Latn")
        self.skeleton = bare[0]
        self.bare = tuple(dict.fromkeys(one if len(one) > 1 else sound(latin[0]) for one in bare))
        """What it is picked out by: consonants, or for a short word its sounds."""
        self.chance = max(map(chance_of, latin[:2] if script == "Latn" else latin[:1]))
        """log2 of how likely the word is among names."""
        self.rare = min(MOST_RARE, -0.75 * self.chance)
        """Bits that agreeing on it says, by its letters alone."""
        self.groups = groups_of(latin)
        """Of `variants`."""


_PARTS: WeakValueDictionary[tuple[str, str, tuple[str, ...]], Part] = WeakValueDictionary()


def part(source: str, script: str, latin: tuple[str, ...]) -> Part:
    """The part with these letters."""
    key = source, script, latin
    known = _PARTS.get(key)
    if known is None:
        known = _PARTS[key] = Part(*key)
    return known


def parts_of(name: str, most: int = MOST_PARTS) -> tuple[Part, ...]:
    """The parts of a name as it is written, in order."""
    found = (_part(word) for word in split(fold(name))[:most])
    return tuple(one for one in found if one is not None)


@lru_cache(maxsize=100_000)
def _part(word: str) -> Part | None:
    latin = tuple(dict.fromkeys(one for one in map(_letters, romanisations(word)) if one))[:MOST_ROMANISATIONS]
    script = script_of(word)
    return part(latin[0] if script == "Latn" else word, script, latin) if latin else None


def _letters(romanised: str) -> str:
    return "".join(letter for letter in romanised if "a" <= letter <= "z")


@lru_cache(maxsize=200_000)
def chance_of(latin: str) -> float:
    """log2 of how likely a word is among names, by its neighbouring letters."""
    written = f"^{latin}$"
    return sum(LETTER_PAIRS.get(written[at : at + 2], UNSEEN_PAIR) for at in range(len(written) - 1))
