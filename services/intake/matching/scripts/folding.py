"""A name in one form, whoever typed it: compatibility forms, case, and what each script writes in several ways."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from functools import lru_cache

from services.intake.matching.scripts.ways import pairs

_SCRIPTS = pairs(
    "41=Latn 370=Grek 400=Cyrl 530=Armn 590=Hebr 600=Arab 700=Syrc 750=Arab 780=Thaa 7c0=Nkoo 800=Samr 840=Mand "
    "860=Syrc 870=Arab 900=Deva 980=Beng a00=Guru a80=Gujr b00=Orya b80=Taml c00=Telu c80=Knda d00=Mlym d80=Sinh "
    "e00=Thai e80=Laoo f00=Tibt 1000=Mymr 10a0=Geor 1100=Hang 1200=Ethi 13a0=Cher 1400=Cans 1680=Zyyy 1780=Khmr "
    "1800=Mong 18b0=Zyyy 1c80=Cyrl 1c90=Geor 1cc0=Zyyy 1d00=Latn 1f00=Grek 2000=Zyyy 2c60=Latn 2c80=Copt "
    "2d00=Geor 2d30=Tfng 2d80=Ethi 2de0=Cyrl 2e00=Zyyy 2e80=Hani 2fe0=Zyyy 3005=Hani 3008=Zyyy 3041=Hira "
    "30a0=Kana 3100=Bopo 3130=Hang 3190=Zyyy 31f0=Kana 3200=Zyyy 3400=Hani a000=Yiii a4d0=Zyyy a640=Cyrl "
    "a6a0=Zyyy a720=Latn a800=Zyyy a8e0=Deva a900=Zyyy a960=Hang a980=Zyyy a9e0=Mymr aa00=Zyyy aa60=Mymr "
    "aa80=Zyyy ab00=Ethi ab30=Latn ab70=Zyyy ac00=Hang d800=Zyyy f900=Hani fb00=Latn fb13=Armn fb1d=Hebr "
    "fb50=Arab fe00=Zyyy fe70=Arab feff=Zyyy ff21=Latn ff66=Kana ffa0=Hang ffe0=Zyyy 10d00=Rohg 10d40=Zyyy "
    "11100=Cakm 11150=Zyyy 1e7e0=Ethi 1e800=Zyyy 1e900=Adlm 1e960=Zyyy 20000=Hani 33480=Zyyy"
)
"""The first code point of a run of blocks → ISO 15924 (Unicode, Blocks.txt); of a mixed block the main one."""
_STARTS = [int(start, 16) for start in _SCRIPTS]
_NAMES = tuple(_SCRIPTS.values())
UNKNOWN = "Zyyy"


@lru_cache(maxsize=20_000)
def script_of_letter(letter: str) -> str:
    """ISO 15924, `Zyyy` for what is in no script."""
    if not letter.isalpha() and unicodedata.category(letter)[0] != "M":
        return UNKNOWN
    at = bisect_right(_STARTS, ord(letter)) - 1
    return _NAMES[at] if at >= 0 else UNKNOWN


def script_of(word: str) -> str:
    """The script (ISO 15924) of most letters of a word; `Zyyy` for a word without letters."""
    if word.isascii():
        return "Latn" if any(map(str.isalpha, word)) else UNKNOWN
    counted: dict[str, int] = {}
    for letter in word:
        script = script_of_letter(letter)
        if script != UNKNOWN:
            counted[script] = counted.get(script, 0) + 1
    return max(counted, key=counted.__getitem__) if counted else UNKNOWN


def fold(text: str) -> str:
    """A text in one form: NFKC, case folded, without marks that a script may leave out, each letter in its usual
    variant.

    Apostrophes inside words, joiners and invisible characters are left out; words stay apart, marks between them
    remain. What a letter says of its sound stays: *ё*, *ى*, *ة* and Latin diacritics are kept. Folding again changes
    nothing.
    """
    if text.isascii():
        return _APOSTROPHES.sub("", text.lower())
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    bare = _LEFT_OUT.sub("", _CARRIED.sub(_vowel_alone, _GERESH.sub("\u0301", _PERSIAN_COMPOUND.sub(" ", plain))))
    return unicodedata.normalize("NFC", _homoglyphs(_in_order(bare.translate(_VARIANTS))))


def _vowel_alone(found: re.Match[str]) -> str:
    return "ا" if found[1] in "اە" else "ا" + found[1]


_APOSTROPHES = re.compile(r"['`]")
_PERSIAN_COMPOUND = re.compile("(?<=[\u0620-\u06d3])\u200c(?=[\u0620-\u06d3])")
"""Words of a Persian or Urdu compound are parted by a zero-width non-joiner."""
_CARRIED = re.compile("(?<![\u0620-\u06d5])ئ([اەەێېۆۇۈوىی])")
"""In Kurdish and Uyghur a vowel that begins a word stands on a hamza (ئازاد, ئارام), in Persian on an alif or alone."""
_GERESH = re.compile("(?<=[גזצץתדטחע])['`´ʹʼ‘’′׳]")
"""After these letters the apostrophe says another sound (Academy of the Hebrew Language, *Rules of transcription*,
2006): it becomes a mark on its letter."""
_LEFT_OUT = re.compile(
    "['`´ʹʺʻʼʽʾʿˈˊˋ‘’‚‛′＇׳״՚՛ꞌ"  # apostrophes, and letters that are used as such
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\ufeff\ufe00-\ufe0f"  # invisible
    "\u0640\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u08d3-\u08ff"  # Arabic: tatweel, harakat, Quranic marks
    "\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7"  # Hebrew: accents and points
    "\u0730-\u074a"  # Syriac points
    "\u0483-\u0487"  # Cyrillic titlo
    "\u135d-\u135f"  # Ge'ez gemination
    "]"
)


def _rows(*pairs: tuple[str, str]) -> dict[int, str]:
    """Variants → letter, for each pair of (variants, one letter or as many letters)."""
    found: dict[int, str] = {}
    for variants, letters in pairs:
        for at, variant in enumerate(variants):
            found[ord(variant)] = letters if len(letters) < 2 else letters[at]
    return found


def _orders(first: int, usual: int) -> dict[int, str]:
    """A Ge'ez consonant, all its orders, → its homophone."""
    return {first + order: chr(usual + order) for order in range(7)}


_VARIANTS: dict[int, str] = {
    # Arabic: hamza carriers, Persian, Urdu and Kurdish forms of the same letters (Unicode 9.2; normalisation as
    # in CAMeL).
    **_rows(("أإآٱٲٳ", "ا"), ("ؤ", "و"), ("ئی", "ي"), ("ء\u0654", ""), ("کڪ", "ك"), ("ھہۀۂۿ", "ه"), ("ۃ", "ة")),
    # Hebrew final letters.
    **_rows(("ךםןףץ", "כמנפצ")),
    # Cyrillic letters with an accent, and of before 1918.
    **_rows(("ѐ", "е"), ("ѝ", "и"), ("ѣ", "е"), ("ѳ", "ф"), ("ѵ", "и"), ("ӏ", "")),
    # Ge'ez homophones (UN romanisation for Amharic, 1967): ሐ ኀ ኸ as ሀ, ሠ as ሰ, ዐ as አ, ፀ as ጸ; first and fourth
    # order of h and ' sound alike.
    **_orders(0x1210, 0x1200),
    **_orders(0x1280, 0x1200),
    **_orders(0x12B8, 0x1200),
    **_orders(0x1220, 0x1230),
    **_orders(0x12D0, 0x12A0),
    **_orders(0x1340, 0x1338),
    **_rows(("ሃሓኃኻ", "ሀ"), ("ኣዓ", "አ"), ("ኰ", "ኮ"), ("ጐ", "ጎ"), ("ቈ", "ቆ"), ("ኈዀ", "ሆ"), ("ኋዃ", "ሗ"), ("ሧ", "ሷ")),
    # Kana: hiragana as katakana.
    **{code: chr(code + 0x60) for code in (*range(0x3041, 0x3097), 0x309D, 0x309E)},
    # Bengali: Assamese ra, candrabindu; Devanagari: candrabindu as anusvara, short e and o.
    **_rows(("ৰ", "র"), ("ৱ", "ব"), ("ঁ", ""), ("ँ", "ं"), ("ऎ", "ए"), ("ऒ", "ओ"), ("ॆ", "े"), ("ॊ", "ो")),
    # Burmese: the two forms of the long vowel, and great sa.
    **_rows(("ါ", "ာ"), ("ဿ", "သ")),
    # Latin: the dot that casefolding leaves of İ.
    0x307: "",
}  # fmt: skip
_BURMESE = re.compile("[\u102b-\u103e]{2,}")
_BURMESE_ORDER = {mark: at for at, mark in enumerate("ျြွှေိီဲုူာံ့်း")}
"""Medials, vowels, anusvara, dot below, asat, visarga (Unicode Technical Note 11)."""
_STACKED = "္"


def _in_order(text: str) -> str:
    """Marks on a Burmese consonant in their canonical order, each once."""
    return _BURMESE.sub(_ordered, text)


def _ordered(found: re.Match[str]) -> str:
    marks = found[0]
    if _STACKED in marks:
        return marks
    return "".join(sorted(dict.fromkeys(marks), key=lambda mark: _BURMESE_ORDER.get(mark, 99)))


_LOOK_ALIKE = dict(zip("aceopxyikmhbtsj", "асеорхуікмнвтѕј", strict=True))
_CYRILLIC_WORD = re.compile("[a-zа-ӿ]*[а-ӿ][a-zа-ӿ]*")


def _homoglyphs(text: str) -> str:
    """Latin letters in a word that is mostly Cyrillic become the Cyrillic ones that look alike."""
    return _CYRILLIC_WORD.sub(_as_cyrillic, text)


def _as_cyrillic(found: re.Match[str]) -> str:
    word = found[0]
    latin = sum(letter < "\x7f" for letter in word)
    if not latin or 2 * latin >= len(word):
        return word
    return "".join(_LOOK_ALIKE.get(letter, letter) for letter in word)
