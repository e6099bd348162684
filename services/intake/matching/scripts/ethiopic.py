"""Words in Ge'ez letters, as Ethiopians and Eritreans write their names (UN romanisation for Amharic of 1967, popular
Amharic and Tigrinya spellings).

Each letter is a consonant and one of seven vowels. The sixth order has a vowel or none: which, follows from the
syllables (Leslau, *Reference Grammar of Amharic*, §§ 7–8), and whether *e* or *i* is the writer's choice. Doubled
consonants are not written.
"""

from __future__ import annotations

from services.intake.matching.scripts.ways import Ways, likeliest, one_by_one, table

Letter = tuple[int, int]
"""(Row of the consonant, order from 0.)"""

_CONSONANTS = {
    row: ways
    for rows, ways in table(
        "0x1200=h 0x1208=l 0x1210=h 0x1218=m 0x1220=s 0x1228=r 0x1230=s 0x1238=sh 0x1240=q:.4,k:.3 "
        "0x1248=qu:.5,ko:.6,kw:.6 0x1250=q:.3,k:.6 0x1260=b "
        "0x1268=v 0x1270=t 0x1278=ch,tch:2.5 0x1280=h 0x1288=hu 0x1290=n 0x1298=gn:.5,ny:.6,n:1.5 0x12A0=- "
        "0x12A8=k 0x12B0=kw:.5,ku:.6,ko:1 "
        "0x12B8=h,kh:1 0x12C0=kw 0x12C8=w 0x12D0=- 0x12D8=z 0x12E0=zh:.3,j:1 0x12E8=y 0x12F0=d 0x12F8=d "
        "0x1300=j,dj:2,g:3 0x1308=g 0x1310=gw:.4,gu:.4 "
        "0x1318=ng 0x1320=t 0x1328=ch,tch:2.5 0x1330=p 0x1338=ts:.4,s:.7,t:.9,tz:2 0x1340=ts:.4,s:.7,t:.9 "
        "0x1348=f 0x1350=p"
    ).items()
    for row in [int(rows, 16)]
}
_FIRST_AS_E: Ways = (("e", 0.0), ("a", 1.0))
_FIRST_AS_A: Ways = (("a", 0.0), ("e", 2.0))
"""Writers who use *a* for the first order use it throughout: *Kebede*, *Kabbada*."""
_VOWELS: tuple[Ways, ...] = (
    _FIRST_AS_E,
    (("u", 0.0), ("ou", 3.0)),
    (("i", 0.0), ("ee", 3.0)),
    (("a", 0.0),),
    (("e", 0.0), ("ie", 1.8), ("a", 2.4)),
    (),
    (("o", 0.0), ("u", 2.2)),
    (("wa", 0.0), ("ua", 0.6), ("oa", 1.5)),
)
_SIXTH: Ways = (("e", 0.3), ("i", 0.3))
_SIXTH_MAYBE: Ways = (*_SIXTH, ("", 1.6))
_SIXTH_INITIAL: Ways = (*_SIXTH, ("", 2.5))
_SIXTH_FOREIGN: Ways = (("e", 0.5), ("i", 0.5), ("", 0.9))
"""Before a liquid that has a vowel: *Brown*, *Kristos*, but *Diriba*."""
_SIXTH_IN_CLUSTER: Ways = (("", 0.2), ("e", 0.8), ("i", 1.2))
"""Before a final consonant, after one that may close a syllable with it: *Afework*, *Desta Berh*."""
_SILENT: Ways = (("", 0.0), ("e", 1.8), ("i", 2.0))
_SILENT_AT_END: Ways = (("", 0.0), ("e", 2.6))
_LARYNGEALS = frozenset({0x1200, 0x1210, 0x1280, 0x12A0, 0x12B8, 0x12D0})
"""The first order of these sounds as the fourth."""
_GLOTTAL = frozenset({0x12A0, 0x12D0})
_LIQUIDS = frozenset({0x1208, 0x1218, 0x1228, 0x1290})
_STOPS = frozenset({0x1260, 0x12F0, 0x1308, 0x12A8, 0x1270, 0x1348, 0x1350, 0x1330})
_Y, _W = 0x12E8, 0x12C8


def romanisations(word: str) -> tuple[str, ...]:
    """With *q* and *k*, *e* and *i*, *a* and *e* of the first order as writers differ."""
    known = [letter for letter in map(_letter, word) if letter is not None]
    sounded = _sounded(known)
    slots = [slot for at in range(len(known)) for slot in _slots(known, sounded, at)]
    with_a = [_FIRST_AS_A if slot is _FIRST_AS_E else slot for slot in slots]
    return one_by_one([likeliest(slots, 4), likeliest(with_a, 2)] if with_a != slots else [likeliest(slots)])


def _letter(letter: str) -> Letter | None:
    code = ord(letter)
    return (code & ~7, code & 7) if (code & ~7) in _CONSONANTS else None


def _slots(letters: list[Letter], sounded: list[bool], at: int) -> list[Ways]:
    row, order = letters[at]
    if order == 5:
        return _of_sixth(letters, sounded, at)
    if row in _LARYNGEALS and order == 0:
        return [_CONSONANTS[row], (("a", 0.0), ("e", 1.8))]
    if row == _Y and at == len(letters) - 1 and order in (0, 4):
        return [(("ye", 0.0), ("ie", 0.6), ("e", 1.6))]
    if row == _W and order == 0:
        return [(("we", 0.3), ("wo", 0.4), ("wa", 1.0))] if at < len(letters) - 1 else [(("we", 0.2), ("wa", 1.0))]
    if row == _W and order == 1 and at:
        return [(("wu", 0.3), ("u", 0.6), ("w", 1.5))]
    if row == _Y and order == 3 and at and letters[at - 1][1] == 2:
        return [(("a", 0.3), ("ya", 0.2))]
    return [_CONSONANTS[row], _VOWELS[order]]


def _of_sixth(letters: list[Letter], sounded: list[bool], at: int) -> list[Ways]:
    """A consonant with *e*, *i* or no vowel; *y* and *w* after a vowel close a diphthong."""
    row = letters[at][0]
    after_vowel = at > 0 and sounded[at - 1]
    if row == _Y and at == 0:
        return [(("yi", 0.3), ("ye", 0.2), ("i", 2.0))]
    if row == _Y and after_vowel and not sounded[at]:
        return [(("y", 0.2), ("i", 0.4))]
    if row == _W and sounded[at]:
        return [(("wu", 0.3), ("wi", 0.6), ("we", 0.8), *([("w", 0.7)] if after_vowel else []))]
    if row == _W and after_vowel:
        return [(("w", 0.2), ("u", 0.5))]
    if row in _GLOTTAL:
        return [_SIXTH if at == 0 else (("", 0.0), ("e", 1.2), ("i", 1.6))]
    if not sounded[at]:
        return [_CONSONANTS[row], _SILENT if 0 < at < len(letters) - 1 else _SILENT_AT_END]
    if at == 0:
        clustered = row in _STOPS and letters[1:2] and letters[1][0] in (0x1208, 0x1228) and letters[1][1] != 5
        return [_CONSONANTS[row], _SIXTH_FOREIGN if clustered else _SIXTH_INITIAL]
    clusters = at == len(letters) - 2 and row in _LIQUIDS and letters[-1][1] == 5 and letters[-1][0] not in _LIQUIDS
    return [_CONSONANTS[row], _SIXTH_IN_CLUSTER if clusters and row == 0x1228 else _SIXTH_MAYBE]


def _sounded(letters: list[Letter]) -> list[bool]:
    """Whether each letter has a vowel: of the sixth order, where two consonants else began or ended a syllable."""
    found: list[bool] = []
    last = len(letters) - 1
    for at, (_, order) in enumerate(letters):
        begins = at == 0 or (not found[-1] and at < last)
        found.append(order != 5 or begins or (at == last - 1 and letters[last][1] == 5))
    return found
