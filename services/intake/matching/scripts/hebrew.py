"""Hebrew names as Israelis and Jewish families spell them (Academy of the Hebrew Language, 2006; popular spelling),
and Syriac letters as Assyrians do. Vowels are not written, but for *mater lectionis*; common given names are listed.
"""

from __future__ import annotations

import re

from services.intake.matching.scripts.abjad import Heard, Vowels, with_vowels
from services.intake.matching.scripts.ways import Ways, likeliest, table, ways

_CONSONANTS = table(
    "ב=v:.4,b:.5 ג=g ד=d ה=h ז=z ח=h:.3,ch:.5,kh:1.3 ט=t כ=ch:.4,k:.5,kh:.9 ל=l מ=m נ=n ס=s ע=- "
    "פ=f:.4,p:.5 צ=tz:.3,ts:.4,z:1.2 ק=k:.1,c:2 ר=r ש=sh:.2,s:1.2 ת=t:.1,th:1.5 וו=v:.2,w:.8 "
    "ג́=j:.2,g:1.5,dj:2 ז́=zh:.4,j:.6 צ́=ch:.2,tch:2 ת́=th:.3,t:.8 ד́=dh:.5,d:.6,z:1 ט́=z:.4,d:.6 ח́=kh:.2,h:1.2 ע́=gh:.2,g:.8 "
    "ܒ=b,w:2 ܓ=g ܔ=j ܕ=d ܖ=d ܗ=h ܙ=z ܚ=kh:.4,h:.5 ܛ=t ܜ=t ܟ=k:.3,kh:.8 ܠ=l ܡ=m ܢ=n ܣ=s ܤ=s ܥ=- ܦ=p:.4,f:.6 "
    "ܧ=p ܨ=s ܩ=q:.3,k:.6 ܪ=r ܫ=sh:.2,s:1.5 ܬ=t:.3,th:.5 ܭ=kh ܮ=kh ܯ=f"
)
_AT_START = table("ב=b פ=p:.2,f:.9 כ=k:.3,c:1.5")
_CLUSTERS = frozenset(a + b for a in "בגדטכפק" for b in "רל") | {
    "שט",
    "שפ",
    "שמ",
    "שנ",
    "של",
    "שר",
    "שװ",
    "סט",
    "סמ",
    "סל",
    "סנ",
}
_CLUSTER = ways("-:.2,e:.8,a:.8,i:1.4,o:1.6")
"""Between two consonants that European family names begin with: *Stern*, *Klein*, *Greenberg*."""
_IN_CLUSTER = table("ש=sh:.4,s:.4,sch:1")
_VOWELS = Vowels(
    first=ways("a:.2,e:.5,i:1.2,o:1.7,-:1.5"),
    before_last=ways("e:.4,a:.4,i:1.3,o:1.6"),
    in_three=ways("e:.4,a:.4,-:1,i:1.4,o:1.5"),
    after_long=ways("e:.4,a:.5,i:1"),
    after_long_before_i=ways("-:.4,e:.5,a:.8"),
    between=ways("-:.2,a:1,e:1,i:1.6"),
    inserted=ways("a:.5,e:.5,-:.8,i:1.4"),
)
_INITIAL_ALEPH = ways("a:.2,e:.8,i:1.2,o:1.7")
_INITIAL_AYIN = ways("a:.3,e:.8,o:1.1,i:1.3,ya:1.7")
_NOTHING, _H = ways("-"), ways("h")
_LAST_HE, _LAST_HE_AFTER_VOWEL = ways("a:.2,ah:.4,e:1.6,eh:1.7"), ways("-:.3,h:.4")
_ALEPH, _ALEPH_AFTER_VOWEL = ways("a:.1,-:1"), ways("-,a:1.2")
_VAV_AFTER_VOWEL = ways("v:.3,o:.6,u:.9")
_VAV, _VAV_CONSONANT = ways("o:.3,u:.6,v:1.6"), ways("v:.2,w:1")
_YOD, _YOD_CONSONANT = ways("i:.2,ai:1.1,ei:1.3,y:1.6"), ways("y:.2,j:1.8")
_YOD_BEFORE_VOWEL = ways("y:.3,i:.4,iy:.8")
_INITIAL_YOD = ways("yi:.4,i:.5,ye:.6,ya:.7")
_YOD_AFTER_VOWEL = ways("i:.4,y:.5,yi:1.2")
_DIPHTHONG = ways("ei:.2,ai:.5,ey:.6,ay:.7,aya:1.3,iy:1.3")
"""Two yods in a word: *Weiss*, *Sergei*, *Dayan*."""
_SYRIAC = str.maketrans({"ܐ": "א", "ܘ": "ו", "ܝ": "י"})
_ENDINGS = table("יהו=yahu,iahu:1 יאל=iel,yel:1 אל=el יה=ia:.3,ya:.3,iah:.8,yah:.8 ית=it ינ=in")
_COMMON = table(
    "אברהמ=avraham,abraham:.4 יצחק=yitzhak:.3,itzhak:.4,isaac:1.2 יעקב=yaakov:.2,yakov:.6,jacob:1.2 "
    "ישראל=israel,yisrael:.8 משה=moshe,moses:2 שלמה=shlomo,solomon:2 יהודה=yehuda,judah:2 "
    "דוד=david,dawid:1.5 שרה=sarah:.2,sara:.2 רבקה=rivka,rebecca:1.5 לאה=leah:.2,lea:.2 "
    "מרימ=miriam,miryam:.8 חנה=hana:.3,hannah:.4,chana:.5 אסתר=esther:.2,ester:.3 יוספ=yosef,joseph:.9 "
    "יהושע=yehoshua,joshua:1.5 אהרנ=aharon,aaron:.7 אהרונ=aharon,aaron:.7 שמואל=shmuel,samuel:1 "
    "אליהו=eliyahu,elijah:2 מנחמ=menachem:.3,menahem:.3 חיימ=chaim:.3,haim:.3 כהנ=cohen,kohen:.9 "
    "לוי=levi:.2,levy:.3 "
    "בנ=ben בת=bat בר=bar יעל=yael תמר=tamar נועה=noa,noah:.8 איתנ=eitan,ethan:1.5 נתנ=natan,nathan:.8 "
    "אדמ=adam שמעונ=shimon,simon:1 נחמנ=nachman,nahman:.5 ברוכ=baruch,barukh:1 "
    "מרדכי=mordechai:.2,mordecai:1 אריאל=ariel רחל=rachel,rahel:.5 יונתנ=yonatan,jonathan:1 "
    "מיכאל=michael,mikhael:1 עמוס=amos בנימינ=benyamin:.3,binyamin:.3,benjamin:.6 רות=ruth:.2,rut:.6 "
    "דבורה=dvora:.4,deborah:.6,devorah:.6 אליעזר=eliezer יוחננ=yochanan:.3,yohanan:.4"
)
"""Given names that every registry has."""


def romanisations(word: str) -> tuple[str, ...]:
    """Of a word in Hebrew or Syriac letters, folded."""
    if word in _COMMON:
        return likeliest([_COMMON[word]])
    letters = word.translate(_SYRIAC).replace("וו", "װ")
    letters = letters[:1] + letters[1:].replace("יי", "ײ")
    stem, ending = next(
        (
            (letters.removesuffix(end), known)
            for end, known in _ENDINGS.items()
            if letters.endswith(end) and len(letters) > len(end) + 1
        ),
        (letters, None),
    )
    slots = with_vowels(_heard(stem), _VOWELS, "ו" if ending else "")
    if stem[:2] in _CLUSTERS and len(stem) > 3 and len(slots) > 1 and slots[1] is _VOWELS.first:
        slots[:2] = [_IN_CLUSTER.get(stem[0], slots[0]), _CLUSTER]
    return likeliest([*slots, *([ending] if ending else [])])


def _heard(word: str) -> list[Heard]:
    found: list[Heard] = []
    letters = _LETTER.findall(word)
    last = len(letters) - 1
    for at, letter in enumerate(letters):
        after_vowel = bool(found) and found[-1].vowel
        following = letters[at + 1] if at < last else ""
        if letter == "ײ":
            found.append(Heard(letter, _DIPHTHONG, vowel=True))
        elif letter in set("אהויװ"):
            found.append(_mater(letter, at, last, following, after_vowel))
        elif letter == "ע" and at == 0:
            if following not in {"ו", "י"}:
                found.append(Heard(letter, _INITIAL_AYIN, vowel=True))
        elif letter in _CONSONANTS:
            found.append(Heard(letter, _consonant(letter, at)))
    return found


_LETTER = re.compile(".\u0301?")
"""With the mark that `fold` makes of a geresh."""


def _consonant(letter: str, at: int) -> Ways:
    return (_AT_START.get(letter) if at == 0 else None) or _CONSONANTS[letter]


def _mater(letter: str, at: int, last: int, following: str, after_vowel: bool) -> Heard:
    """A letter that is a vowel or a consonant, by its place."""
    if letter == "א":
        if at == 0:
            return Heard(
                letter, _NOTHING if following in {"ו", "י"} else _INITIAL_ALEPH, vowel=following not in {"ו", "י"}
            )
        return Heard(letter, _ALEPH_AFTER_VOWEL if after_vowel else _ALEPH, vowel=True)
    if letter == "ה":
        if at == last and at:
            return Heard(letter, _LAST_HE_AFTER_VOWEL if after_vowel else _LAST_HE, vowel=True)
        return Heard(letter, _H)
    if letter in "וװ":
        consonant = at == 0 or letter == "װ" or (after_vowel and at == last)
        return (
            Heard(letter, _VAV_CONSONANT)
            if consonant
            else Heard(letter, _VAV_AFTER_VOWEL if after_vowel else _VAV, vowel=not after_vowel)
        )
    if at == 0:
        return (
            Heard(letter, _YOD_CONSONANT) if following in {"ו", "א", "ה"} else Heard(letter, _INITIAL_YOD, vowel=True)
        )
    if following in {"ה", "ו", "א"} and not after_vowel:
        return Heard(letter, _YOD_BEFORE_VOWEL)
    return Heard(letter, _YOD_AFTER_VOWEL if after_vowel else _YOD, vowel=True)
