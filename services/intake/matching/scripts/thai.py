"""Thai and Lao names (Royal Thai General System of Transcription of 1999; BGN/PCGN for Lao, 1966), read syllable by
syllable as far as letters tell: where no vowel is written, *a* or *o* is heard.
"""

from __future__ import annotations

import re

from services.intake.matching.scripts.ways import Ways, likeliest, table

_INITIALS = table(
    "ก=k,g:1 ข=kh:.3,k:.6 ฃ=kh ค=kh:.3,k:.6 ฅ=kh ฆ=kh ง=ng จ=ch:.3,j:.5 ฉ=ch ช=ch ซ=s ฌ=ch ญ=y ฎ=d ฏ=t "
    "ฐ=th ฑ=th ฒ=th ณ=n ด=d ต=t ถ=th ท=th:.2,t:.9 ธ=th:.2,t:.9,dh:1.5 น=n บ=b ป=p ผ=ph:.3,p:.7 ฝ=f "
    "พ=ph:.3,p:.5,b:1.5 ฟ=f ภ=ph:.3,p:.6,bh:1.5 ม=m ย=y ร=r ล=l ว=w:.2,v:.9 "
    "ศ=s ษ=s ส=s ห=h ฬ=l อ=- ฮ=h ฤ=rue:.5,ri:.5"
)
_FINALS = {
    letter: latin
    for letters, latin in (
        ("กขคฆ", "k"),
        ("ง", "ng"),
        ("จชซฌฎฏฐฑฒดตถทธศษส", "t"),
        ("ญณนรลฬ", "n"),
        ("บปผพฟภ", "p"),
        ("ม", "m"),
        ("ย", "i"),
        ("ว", "o"),
    )
    for letter in letters
}
_LAO = {chr(code + 0x80): chr(code) for code in range(0xE01, 0xE4F)}
"""The block of Lao runs parallel to that of Thai (Unicode); letters of its own follow."""
_LAO |= {"ຽ": "ีย", "ໝ": "ม", "ໜ": "น", "ົ": "", "ຝ": "ฝ"}
_AS_THAI = str.maketrans(_LAO)
_MARKS = re.compile("[่้๊๋็ํฺ์]")
_SILENT = re.compile("[ก-ฮ][ิุ]?์")
_C = "[ก-ฮ]"
_SYLLABLE = re.compile(
    f"(?P<lead>[เแโใไ])?(?P<first>ห(?=[งญนมยรลว])|)(?P<initial>{_C}[รลว]?(?=[ะ-ูเแ็])|{_C}(?=รร)|{_C})(?P<vowel>ัวะ|ัว|รร|ียะ|ีย|ือ|ะ|ั|า|ำ|ิ|ี|ึ|ื|ุ|ู|)(?P<final>{_C}(?![ะ-ู]))?"
)
_VOWELS = table(
    "ะ=a ั=a า=a ำ=am ิ=i ี=i:.2,ee:.8 ึ=ue:.4,u:.5 ื=ue:.4,u:.6 ุ=u ู=u:.2,oo:.7 ัว=ua ีย=ia "
    "ือ=ue:.4,uea:.8 รร=a:.4,an:.6 เ=e แ=ae โ=o ใ=ai ไ=ai เา=ao เีย=ia เือ=uea เิ=oe:.4,er:.7 "
)
_UNWRITTEN_CLOSED: Ways = (("o", 0.3), ("a", 0.6))
_UNWRITTEN_OPEN: Ways = (("a", 0.2), ("o", 1.0), ("", 1.6))


def romanisations(word: str) -> tuple[str, ...]:
    """Of a word in Thai or Lao letters."""
    thai = _MARKS.sub("", _SILENT.sub("", word.translate(_AS_THAI)))
    slots: list[Ways] = []
    for found in _SYLLABLE.finditer(thai):
        slots += [_INITIALS.get(letter, (("", 0.0),)) for letter in found["initial"]]
        final = _FINALS.get(found["final"] or "", "")
        written = (found["lead"] or "") + found["vowel"]
        vowel = _VOWELS.get(written) or _VOWELS.get(found["vowel"]) or _VOWELS.get(found["lead"] or "")
        slots.append(vowel or (_UNWRITTEN_CLOSED if final else _UNWRITTEN_OPEN))
        if final:
            slots.append(((final, 0.0),))
    return likeliest(slots)
