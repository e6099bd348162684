"""Thai and Lao names (Royal Thai General System of Transcription of 1999, and how Thais write their names in passports;
BGN/PCGN for Lao, 1966), read syllable by syllable.

Vowels stand before, over, under and after their consonant (Haas, *The Thai System of Writing*, 1956). Where none is
written, two consonants are a syllable with *o*, one alone has *a*; of a run, the last two are a syllable.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from services.intake.matching.scripts.ways import Ways, likeliest, one_by_one, table, ways

_INITIALS = table(
    "ก=k,g:1 ข=kh:.3,k:.5 ฃ=kh ค=kh:.3,k:.5 ฅ=kh ฆ=kh ง=ng จ=ch:.3,j:.4 ฉ=ch ช=ch ซ=s,z:1.5 ฌ=ch ญ=y ฎ=d ฏ=t "
    "ฐ=th:.3,t:.5 ฑ=th ฒ=th:.3,t:.5 ณ=n ด=d ต=t ถ=th:.3,t:.5 ท=th:.3,t:.5 ธ=th:.2,t:.6,dh:2 น=n บ=b ป=p "
    "ผ=ph:.3,p:.5 ฝ=f พ=ph:.3,p:.4,b:2 ฟ=f ภ=ph:.3,p:.5,bh:2 ม=m ย=y ร=r ล=l ว=w:.2,v:.9 "
    "ศ=s ษ=s ส=s ห=h ฬ=l อ=- ฮ=h ฤ=rue:.5,ri:.5 ทร=s:.4,thr:.6,tr:.7 ศร=sr:.3,s:.5 สร=s:.4,sr:.5 ซร=s"
)
_FINALS = {
    letter: known
    for letters, written in (
        ("กขคฆ", "k"),
        ("ง", "ng"),
        ("จชซ", "t:.3,j:.7,ch:1"),
        ("ฌฎฏฐฑฒดตถศษ", "t:.1,d:2"),
        ("ส", "t:.2,s:.8"),
        ("ทธ", "t:.1,th:1"),
        ("ญณน", "n"),
        ("ร", "n:.3,rn:.5,r:.8"),
        ("ลฬ", "n:.4,l:.4"),
        ("บปผพภ", "p"),
        ("ฟ", "f"),
        ("ม", "m"),
        ("ย", "i:.2,y:.5"),
        ("ว", "o:.3,w:.4"),
    )
    for letter in letters
    for known in [ways(written)]
}
_FINALS_FROM_ELSEWHERE = table("ล=l ส=s ด=d ร=r,-:.8 ท=t:.2,d:.8 ธ=th:.2,t:.5 บ=b:.2,p:.6 ก=k:.1,ck:.9,g:.9")
_VOWELS = table(
    "ะ=a ั=a า=a,ar:1.8 ำ=am ิ=i ี=i:.2,ee:.6 ึ=ue:.4,u:.4 ื=ue:.4,u:.5 ือ=ue:.3,u:.8 ุ=u:.2,oo:.8 ู=u:.2,oo:.6 "
    "ัว=ua ัวะ=ua ว=ua:.2,oua:1.2 อ=o:.2,or:.8,aw:1.4 รร=a "
    "เ=e เะ=e เ็=e เิ=oe:.4,er:.5 เอ=oe:.4,er:.4 เย=oei:.4,oey:.6,ei:1 เา=ao เาะ=o:.3,aw:.6 "
    "เีย=ia:.2,ie:.7 เียว=iao:.3,iew:.6 เือ=uea:.3,ua:.5 แ=ae แะ=ae แ็=ae โ=o โะ=o ใ=ai ไ=ai"
)
_NUN: Ways = ways("an:.2,un:.9")
_OPEN = ways("a:.2,o:1.2,-:1.4")
_CLOSED = ways("o:.3,a:.6")
_FIRST_OF_FOUR = ways("a:.3,o:.4")
_SECOND_OF_FOUR = ways("a:.4,-:.4")
_LINK = ways("-:.2,a:1")
_RA = ways("ra:.2,r:1.2,n:1.4")
"""In the middle of a compound: *Thirayut*, *Surachai*."""
_SILENT_LAST = ways("-:.2,i:.8")
"""*Chat* is written *chati*."""
_LAO = {chr(code + 0x80): chr(code) for code in range(0xE01, 0xE4F)}
"""The block of Lao runs parallel to that of Thai (Unicode); letters of its own follow."""
_LAO |= {"ຽ": "ีย", "ໝ": "ม", "ໜ": "น", "ົ": "", "ຝ": "ฝ", "ຍ": "ย"}
_AS_THAI = str.maketrans(_LAO)
_MARKS = re.compile("[ฺ่้๊๋]")
_C, _SIGN = "[ก-ฮ]", "[ะ-ฺ็]"
_SILENT = re.compile(f"(?<={_C})[กดตทษส][รณมยว][ิุ]?์|(?P<within>[หรล]์(?={_C}))|{_C}[ิุ]?์")
_UNSOUNDED = (
    (re.compile("^สม(?=[ก-ฮเแโใไ])"), "โสม|"),
    (re.compile("พรหม"), "โพรม"),
    (re.compile("เพชร"), "เพช|"),
    (re.compile("ไทย"), "ไท|"),
    (re.compile(f"(?<=[ัิุึ][ตทกชด])ร$|(?<=[เแโ]{_C}[ตทกชด])ร$"), ""),
)
"""Letters that are written only: *phrom*, *phet*, *thai*, *but*."""
_BARE = rf"(?!{_SIGN}|อ(?!{_SIGN})|รร)"
"""After a consonant that has no vowel of its own."""
_CLUSTER = "(?:[กขคตปผพทศสซบดฟ][รล]|[กขค]ว)"
_ONSET = rf"(?:ห?{_CLUSTER}(?={_SIGN}|อ(?!{_SIGN})|ว{_C})|ห[งญนมยรลว](?={_SIGN}|อ(?!{_SIGN})|ว{_C})|{_C})"
_LED = rf"(?:{_CLUSTER}|ห[งญนมยรลว]|{_C})"
_FINAL = rf"(?:{_C}{_BARE}(?!{_C}(?:$|\|))(?<![พภ](?=[รล][ก-ฮเแโใไ]))|[ทดตจชกล](?=[ธฐถชขป](?:$|\|)))?"
"""Not the first of two that are the last syllable, but where the second only repeats it: *Thanakon*, *Yut*."""
_SYLLABLE = re.compile(
    "|".join(
        (
            rf"(?P<a>[ใไ])(?P<a_on>{_LED})",
            rf"เ(?P<b_on>{_LED})(?P<b>าะ|า)",
            rf"เ(?P<c_on>{_LED})(?P<c>ียว(?!{_SIGN})|ีย|ือ)(?P<c_end>{_FINAL})",
            rf"เ(?P<p>[จอ](?=ร)|[ฉช](?=ล)|[สข](?=[มน])|ถ(?=น))(?P<p_on>{_C})ิ(?P<p_end>{_FINAL})",
            rf"(?P<d>[เแโ])(?P<d_on>(?:[กขคตปผพทศสซบดฟ][รล]|ห[งญนมยรลว])(?={_SIGN}|อ|{_C}{_BARE})|{_C})"
            rf"(?P<d_v>[็ะิ]|อ(?!{_SIGN}))?(?P<d_end>{_FINAL})",
            rf"(?P<e_on>{_ONSET})(?P<e>[ะำ])",
            rf"(?P<f_on>{_ONSET})(?P<f>ัวะ|ัว(?!{_SIGN})|ื?อ(?!{_SIGN})|รร|ว(?!รร)(?={_C}{_BARE})|[ัาิีึืุู])"
            rf"(?P<f_end>{_FINAL})",
            rf"(?P<run>(?:(?!{_ONSET}(?:{_SIGN}|อ(?!{_SIGN})|รร)){_C})+)",
        )
    )
)
_FROM_ELSEWHERE = re.compile(f"[หร]์{_C}|อร์|าวน์|[ลสซฟ]์$")
"""Letters that no Thai name leaves unsounded in such a place."""


def romanisations(word: str) -> tuple[str, ...]:
    """Of a word in Thai or Lao letters; one from elsewhere also with the letters that Thais do not sound."""
    thai = _MARKS.sub("", word.translate(_AS_THAI)).replace("ํา", "ำ").replace("ํ", "")
    sounded = _SILENT.sub(lambda found: "" if found["within"] else "|", thai)
    if _FROM_ELSEWHERE.search(thai):
        ends = _FINALS | _FINALS_FROM_ELSEWHERE
        return one_by_one([likeliest(_read(sounded, ends), 3), likeliest(_read(thai.replace("์", ""), ends), 2)])
    return likeliest(_read(sounded, _FINALS))


def _read(thai: str, ends: Mapping[str, Ways]) -> list[Ways]:
    for written, sounded in _UNSOUNDED:
        thai = written.sub(sounded, thai)
    slots: list[Ways] = []
    for found in _SYLLABLE.finditer(thai):
        end = thai[found.end() :].strip("|") == ""
        slots += _run(found["run"], end, bool(slots), ends) if found["run"] else _syllable(found, thai, end, ends)
    return slots


def _syllable(found: re.Match[str], thai: str, end: bool, ends: Mapping[str, Ways]) -> list[Ways]:
    """Onset, vowel and final of one whose vowel is written."""
    part = found.groupdict()
    if part["p"]:
        return [
            *_onset(part["p"]),
            _OPEN,
            *_onset(part["p_on"]),
            _VOWELS["เิ"],
            *_final(part["p_end"], thai, found, ends),
        ]
    kind = next(kind for kind in "abcdef" if part[f"{kind}_on"])
    lead = {"a": part["a"], "b": "เ", "c": "เ", "d": part["d"], "e": "", "f": ""}[kind] or ""
    sign = {"a": "", "b": part["b"], "c": part["c"], "d": part["d_v"], "e": part["e"], "f": part["f"]}[kind] or ""
    final = part.get(f"{kind}_end")
    onset = _onset(part[f"{kind}_on"])
    if sign == "รร" and not final:
        return [*onset, _NUN]
    if lead + sign == "เ" and final == "ย":
        return [*onset, _VOWELS["เย"]]
    if kind == "f" and end and not final and sign in "ิุ" and part["f_on"] in set("ตฒธม") and found.start():
        return [*onset, _SILENT_LAST]
    if kind == "f" and sign in "ิีุู" and final == "ร" and not end and thai[found.end()] != "|":
        return [*onset, _VOWELS[sign], _RA]
    vowel = _VOWELS.get(lead + sign) or _VOWELS.get(lead) or _VOWELS[sign]
    return [*onset, vowel, *_final(final, thai, found, ends)]


def _onset(letters: str) -> list[Ways]:
    if len(letters) > 1 and letters[0] == "ห":
        letters = letters[1:]
    if letters in _INITIALS:
        return [_INITIALS[letters]]
    return [_INITIALS[letter] for letter in letters if letter in _INITIALS]


def _final(letter: str | None, thai: str, found: re.Match[str], ends: Mapping[str, Ways]) -> list[Ways]:
    """What closes a syllable, and the *a* that may link a Pali word to the next: *Ekachai*."""
    if not letter or letter not in ends:
        return []
    linked = letter in _LINKING and _WORD_FOLLOWS.match(thai, found.end())
    return [ends[letter], _LINK] if linked else [ends[letter]]


_LINKING = frozenset("กจชตทธฒพภษศส")
_WORD_FOLLOWS = re.compile(f"[ก-ฮ]{_SIGN}|[เแโใไ]")


def _run(letters: str, end: bool, goes_on: bool, ends: Mapping[str, Ways]) -> list[Ways]:
    """Consonants without a written vowel."""
    if len(letters) == 1:
        if end and goes_on:
            return [(("", 0.2), *((latin, cost + 0.9) for latin, cost in ends.get(letters, ())))]
        return [*_onset(letters), _OPEN]
    first = letters[:-2]
    before: list[Ways] = []
    for at, letter in enumerate(first):
        vowel = _OPEN if len(first) % 2 else (_FIRST_OF_FOUR, _SECOND_OF_FOUR)[at % 2]
        before += [*_onset(letter), vowel]
    return [*before, *_onset(letters[-2]), _CLOSED, ends.get(letters[-1], ways("-"))]
