"""Words in Latin letters, with the marks that other languages put on them, as they are written without."""

from __future__ import annotations

import re
import unicodedata

from services.intake.matching.scripts.ways import Alphabet, likeliest

_MARKED = Alphabet(
    # German and Nordic; Turkish, Romanian and French.
    "ä=a,ae:.4 ö=o,oe:.4 ü=u,ue:.4 å=a,aa:1 ø=o,oe:.4 æ=ae,a:1,e:1.5 œ=oe,o:1,e:2 "
    "ş=s,sh:.3 ș=s,sh:.3 ţ=t,ts:1 ț=t,ts:1 ç=c,ch:.5,s:1 ğ=g,gh:1,-:1.5 ı=i "
    # Polish; other Slavic languages and Hungarian.
    "ł=l,w:2 ż=z,zh:1 ź=z,zh:2 ą=a,on:2 ę=e,en:2 ń=n,ny:2 ó=o,u:3 "
    "š=s,sh:.3 ž=z,zh:.3 č=c,ch:.3 ć=c,ch:.3 đ=d,dj:.4 ř=r,rz:1 ě=e,ie:2 ň=n,ny:2 ď=d ť=t ů=u ő=o ű=u "
    # Spanish, Icelandic, languages of Africa, Azeri, Vietnamese.
    "ñ=n,ny:1,gn:2 ð=d,dh:2 þ=th ß=ss ŋ=ng,n:1 ɓ=b ɗ=d ƙ=k ƴ=y ɛ=e ɔ=o ɣ=gh ə=a,e:.3 ơ=o ư=u "
    # Scholars' Arabic (DIN 31635).
    "ḥ=h ṣ=s ḍ=d ṭ=t ẓ=z,dh:2 ġ=gh,g:.5 ḫ=kh,h:.5 ḳ=k ẖ=kh ḏ=dh,d:.5 ṯ=th,t:.5 ǧ=j,g:.5 ħ=h"
)
_POLISH = Alphabet("szcz=shch sz=sh cz=ch rz=zh,r:2 ch=kh,ch:1 w=v ł=l ż=zh ó=u ą=on ę=en ś=s ć=ch ń=n ź=z j=y")
_POLISH_WORD = re.compile("[łżźąęńś]|szcz|cz[aeiouy]|sz[aeiouy]|rz[aeouy]")
_TURKISH = Alphabet("c=j ç=ch ş=sh ğ=gh,-:.5 ı=i ö=o ü=u")
_TURKISH_WORD = re.compile("[ığş]")
_SOUTH_SLAVIC = Alphabet("j=y č=ch ć=ch š=sh ž=zh đ=dj c=ts")
_SOUTH_SLAVIC_WORD = re.compile("[čćđšž]")
_SOMALI = Alphabet("c=- x=h kh=kh dh=d")
"""Official since 1972: *c* is ʿayn, *x* is ḥ."""
_SOMALI_WORD = re.compile(
    "^(?!.*aac$)(?=.*[cx])(?=.*(?:aa|ii|uu))|^x[aeu](?![aeiov]).{2}|ax[am]|^cabd|^cali$|^cumar$|^c[iu]sm"
)
_GERMAN = Alphabet("dsch=j tsch=ch sch=sh")
_GERMAN_WORD = re.compile("dsch|tsch|sch(?=[aeiou])")
_ALBANIAN = Alphabet("xh=j x=dz ll=l rr=r ç=ch ë=e")
_ALBANIAN_WORD = re.compile("xh")
_KURDISH = Alphabet("x=kh c=j ç=ch ş=sh j=zh ê=e î=i û=u")
"""Bedirxan's alphabet of 1932."""
_KURDISH_WORD = re.compile("[êîû].*|^xe")
_OLD_INDONESIAN = Alphabet("oe=u tj=c dj=j sj=sy nj=ny j=y")
"""Van Ophuijsen's spelling, which older people keep in their names."""
_OLD_INDONESIAN_WORD = re.compile("oe.*[dt]j|[dt]j.*oe|^tj[aoeiu]|^soe")
_AZERI_WORD = re.compile("[ə]")
_AZERI = Alphabet("x=kh q=g c=j ç=ch ş=sh ğ=gh ə=a ı=i ö=o ü=u")
_ORTHOGRAPHIES = (
    (_AZERI_WORD, _AZERI), (_POLISH_WORD, _POLISH), (_TURKISH_WORD, _TURKISH), (_SOUTH_SLAVIC_WORD, _SOUTH_SLAVIC),
    (_SOMALI_WORD, _SOMALI), (_GERMAN_WORD, _GERMAN), (_ALBANIAN_WORD, _ALBANIAN), (_KURDISH_WORD, _KURDISH),
    (_OLD_INDONESIAN_WORD, _OLD_INDONESIAN),
)  # fmt: skip


def romanisations(word: str) -> tuple[str, ...]:
    """A word without its marks first, then as its letters sound in the language that they show."""
    written = likeliest(_MARKED.slots(word, bare)) if not word.isascii() else (word,)
    sounded = (alphabet.slots(word, bare) for sign, alphabet in _ORTHOGRAPHIES if sign.search(word))
    heard = [latin for slots in sounded for latin in likeliest(slots, 2)]
    first, *others = written
    return tuple(dict.fromkeys((first, *heard[:1], *others[:2], *heard[1:], *others[2:])))[:5]


def bare(letters: str) -> str:
    """Letters without diacritics; what has no letter of a–z in it is left out."""
    if letters.isascii():
        return letters
    return "".join(letter for letter in unicodedata.normalize("NFD", letters) if letter.isascii())


def unaccented(word: str) -> str:
    """A word without combining marks, in its own script."""
    return "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
