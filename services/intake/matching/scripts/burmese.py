"""Burmese names, syllable by syllable, in the spelling that people use in passports rather than the strict one of the
Myanmar Language Commission (Okell, *A Guide to the Romanization of Burmese*, 1971; BGN/PCGN agreement of 1970).

Names of Rohingya and other Muslims come in the same letters: words that are no Burmese syllables are kept whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.intake.matching.scripts.ways import Ways, likeliest, one_by_one, pairs, table, ways, words

_CONSONANT = "[က-အဣ-ဪၐ-ၡၥၦၮ-ၰၵ-ႁႎ]"
_SYLLABLE = re.compile(f"(?:{_CONSONANT}(?:္{_CONSONANT})?[ျြွှ]*[ါ-ံိီုူေဲ့း]*(?:(?<=ာ)်)?(?:{_CONSONANT}[့း]*်[့း]*(?!္))*[့း]*|.)")
_STACKED = re.compile(f"({_CONSONANT})္")
_KINZI = re.compile("င်္")

_ONSETS = table(
    "က=k ခ=kh:.3,k:.8 ဂ=g ဃ=g င=ng စ=s ဆ=s:.4,hs:.6,sa:9 ဇ=z ဈ=z ဉ=ny ည=ny ဋ=t ဌ=ht ဍ=d ဎ=d ဏ=n တ=t "
    "ထ=ht:.4,t:.5 ဒ=d ဓ=d န=n ပ=p ဖ=ph:.4,hp:.8,p:.9 ဗ=b ဘ=b မ=m "
    "ယ=y ရ=y:.4,r:.4 လ=l ဝ=w သ=th:.2,s:2 ဟ=h ဠ=l အ=- "
    "ကျ=ky ကြ=ky ချ=ch,kh:3 ခြ=ch,kh:3 ဂျ=gy:.5,j:.3 ဂြ=gy:.3,j:.6 ငြ=ny ပျ=py ပြ=py ဖျ=phy,py:.7 "
    "ဖြ=phy,py:.7 ဗျ=by ဗြ=by ဘျ=by ဘြ=by မျ=my မြ=my လျ=ly,y:.9 သျ=shy သြ=th,aw:2 "
    "ရှ=sh လျှ=sh သျှ=sh သှ=th ငှ=hng:.5,ng:.5 ညှ=hny:.5,ny:.5 နှ=hn:.4,n:.4 မှ=hm:.4,m:.4 လှ=hl:.3,l:.6 "
    "ဝှ=wh:.4,w:.6 ယှ=sh မျှ=hmy:.5,my:.5 မြှ=hmy:.5,my:.5 တြ=tr:.5,t:.8 ဒြ=dr:.4,d:.6 "
    "ဣ=i ဤ=i ဥ=u ဦ=u ဧ=e,ay:1 ဩ=aw ဪ=aw"
)
_RHYMES = table(
    "=a ာ=a:.2,ar:.6 ိ=i ီ=i:.3,ee:.9 ု=u ူ=u:.2,oo:1 ေ=ay:.4,e:.5,aye:1.2 ဲ=e:.4,ae:.6,eh:1.5 "
    "ယ်=e:.4,ay:.9,ei:1.4 ော=aw:.3,or:1,o:1 ော်=aw ို=o:.3,oe:.3 ံ=an:.3,am:1,un:1.2 "
    "က်=et:.3,ek:1.2 င်=in ဉ်=in စ်=it ည်=i:.5,ee:.9,e:1,ae:1.2,ay:1.4 တ်=at,ut:2 န်=an ပ်=at:.4,ap:.6 မ်=an:.5,am:.5 "
    "ိတ်=eik:.3,ait:.7,it:1.5 ိပ်=eik:.3,ait:.8,ip:1.5 ိန်=ein:.3,eain:1,ain:1,in:1.5 ိမ်=ein:.3,eim:1,im:1.5 "
    "ိံ=ein ုတ်=ok:.4,oke:.7,ote:1,ut:1.5 ုပ်=ok:.4,oke:.7,up:1.5 "
    "ုန်=on:.3,one:.7,un:1 ုမ်=on:.3,one:.8,um:1 ုံ=on:.4,one:.5,oom:2 ောက်=auk ောင်=aung "
    "ိုက်=aik:.3,ike:.6 ိုင်=aing:.1,ine:.8 ိုယ်=o,oe:.6 ိုလ်=o,ol:.5 ိုရ်=o,or:.6 "
    "လ်=al:.6,e:.8,el:1 ာလ်=al ီလ်=il:.3,eel:1 ူလ်=ul:.3,ool:1 ုလ်=ul ေလ်=el:.4,ale:.5 ရ်=ar:.4,er:.8 "
    "ာရ်=ar ီရ်=ir,eer:1 ူရ်=ur ုရ်=ur သ်=at:.5,ath:.6,as:.6 ာဟ်=ah ဟ်=ah,eh:.8 ာမ်=am ာန်=an ီမ်=im "
    "ူဒ်=ud ဒ်=ad ီဒ်=id "
)
_AFTER_W = table(
    # The medial w turns a to u before a final: သွန်း Thun, ထွန်း Tun; ခွင် Khwin.
    "=wa ာ=wa,war:.8 ိ=wi ီ=wi ေ=we:.4,way:.4 ဲ=we:.3,wae:.9 ယ်=we:.3,wai:1,way:1 ော=waw က်=wet:.4,wek:1 "
    "င်=win စ်=wit ည်=wi:.4,way:1,we:1 တ်=ut:.3,wut:1 ပ်=ut:.3,wut:1 န်=un:.2,oon:.8,on:.9,une:1.1,wun:1.5,wan:2 "
    "မ်=un:.3,oon:.9,wan:1.5 ံ=un:.3,oon:.8,wun:1 ိန်=wein ိုင်=waing ောင်=waung"
)
_CREAKY = {
    "in": "int",
    "an": "ant",
    "un": "unt",
    "ein": "eint",
    "on": "ont",
    "aung": "aungt",
    "aing": "aingt",
    "oon": "oont",
    "win": "wint",
    "one": "ont",
    "ain": "aint",
    "am": "ant",
}
_WHOLE = {
    "ဦး": "u:.1,oo:2",
    "ဒေါ်": "daw",
    "ဒော်": "daw",
    "မောင်": "maung",
    "စော": "saw",
    "စိုင်း": "sai:.3,saing:.8",
    "နန်း": "nang:.3,nan:.5",
    "ဆိုင်": "saing",
    "ခွန်": "khun",
    "နော်": "naw",
    "နိုင်": "naing",
    "အိ": "ei:.2,i:.6,ai:1",
    "အေ": "ay:.3,aye:.5,e:.8",
    "အေး": "aye:.2,ay:.5,e:1",
    "ဝေ": "wai:.3,way:.4,we:.5",
}
_SPECIAL = {written: ways(known) for written, known in _WHOLE.items()}
_COMMON = frozenset(
    words(
        "အောင် ကျော် သန်း စု ကြည် ဝင်း နိုင် ထွန်း မြင့် မောင် ဦး ဒော် ကို မ မိုး ခိုင် ခင် ခိင် လှ မြ မျိုး မင်း ဇော် ဇင် ဖြိုး "
        "ဖြူ ဖြူး ဝေ ဝာ ဝိုင်း သီ သက် သူ သွေး သိန်း သိုက် သင်း သဲ သော် သန့် သီရိ သာ စိုး စိန် စန်း စံ စန္ဒာ စော စိုင်း ဆန်း "
        "ဆွေ ဆု ဆောင် လင်း လွင် လတ် လိှုင် လှိုင် လေး လဲ ရီ ရဲ ရွှေ ရှိန် ရန် နွယ် နှင်း နီ နု နေ နန်း နော် နန္ဒာ ညို ညွန့် "
        "ညိမ်း ညီ ငယ် ဌေး ဌိန် ဋ္ဌေး တင် တင့် တူး တုတ် ထူး ထက် ထိုက် ထွေး ထား ထိန် ဒွေး ပိုင် ပု ပွင့် ပပ ပြည့် ပြုံး ပြေ ပန်း "
        "ပော် ဖုန်း ဖေ ဖိုး ဘ ဘို ဘိုး ဘုန်း ဗိုလ် ဗို မီ မူ မေ မေး မိ မိုင် မော် မွန် မွှေး မြတ် ယု ယမင်း ယဉ် ရောင် ရှင် ဟန် "
        "ဟိန်း ဟိန် အိ အေး အုန်း အုံး အံ့ အဲ ဥ ကေ ကောင်း ကံ ကျင် ကျန် ကြီး ကြိုင် ကြူ ကိုး ခ ခန့် ခောင် ခြိမ့် ချို ချစ် ချမ်း "
        "ချယ် ဂျာ ဇာ ဇိုး ဇွန် သား သို့ ယံ ခမ်း နောင် ခွား ဖော မယ် စည် တနာ ရိ ရိန် ဇေ ယျာ ပိုး လဲ့ ငြိမ်း ပယ် ရွက် "
        "ဝတီ ဖူး ပြည် သိမ့် ကြာ မြေ့ မြင် မာ သွယ် သွင် ရွှန်း ဆီ ကျော့ ပုည နည် မီး ကြင် ကြွယ် စိမ်း ချော ဝင့် မြိုင် စစ် နွေး နွေ "
        "ဖွေး ယွန်း သန် အိမ့် ကြယ် စင် ရှမ်း လုံ ထိပ် မောင့် ဆင့် ခ ရတု ယမုံ ဒါ နောင် ရိုး စံ ထူ ဖွဲ့ ငို လှူ နိုး မွေ အိန် ဒြာ စမ်း "
        "ပြား စိန့် ကြီး ငြိမ် ညို နုယ် ထင် ထုံ ခေါင် ခုန် ဂွန် ဒီ ပြာ ထိုက် တိုး တို ဟေ ကြွေ ရင် ရို"
    )
)
"""Syllables of Burmese names: a word of these is parted, another one is a name from elsewhere."""


def syllables(word: str) -> tuple[str, ...]:
    """A word in its syllables."""
    return tuple(_SYLLABLE.findall(_STACKED.sub(r"\1်", _KINZI.sub("င်", word))))


def parted(word: str) -> tuple[str, ...]:
    """A word that joins several names in its syllables; another one whole. A syllable said twice is a Burmese name."""
    found = syllables(word)
    known = sum(one in _COMMON or found.count(one) > 1 for one in found)
    return found if len(found) > 1 and 2 * known >= len(found) + (len(found) == 2) else (word,)


def romanisations(word: str) -> tuple[str, ...]:
    """Of a syllable or of several."""
    found = syllables(word)
    slots = _written(found)
    if len(found) > 1 and not all(one in _COMMON for one in found):
        return one_by_one([likeliest(slots, 3), likeliest(_from_elsewhere(found), 3)])
    return likeliest(slots)


def spellings(word: str) -> frozenset[str]:
    """Whatever is usual for a syllable of Burmese names; none for another word, which may be written in more ways."""
    return frozenset(likeliest(_written((word,)), _EVERY)) if word in _COMMON else frozenset()


_EVERY = 40


def _written(found: Sequence[str]) -> list[Ways]:
    slots: list[Ways] = []
    for syllable in found:
        slots += [_SPECIAL[syllable]] if syllable in _SPECIAL else _slots(syllable)
    return slots


def _from_elsewhere(found: Sequence[str]) -> list[Ways]:
    """Of a name from elsewhere, as Rohingya have: *r* is heard, and what closes a syllable is any stop."""
    slots: list[Ways] = []
    for syllable in found:
        parts = _PARTS.fullmatch(syllable)
        if not parts or parts[2] or parts[3]:
            slots += _slots(syllable)
            continue
        letter, rest = parts[1], re.sub("[့း]", "", parts[5])
        slots.append(_ONSETS_FROM_ELSEWHERE.get(letter + parts[4]) or _slots(syllable)[0])
        slots.append(_RHYMES_FROM_ELSEWHERE.get(rest) or _loose(rest, False))
    return slots


_ONSETS_FROM_ELSEWHERE = table(
    "ရ=r ယ=y ဖ=f:.2,ph:1 ဗ=v:.4,b:.5 ဘ=b သ=s:.4,th:.4 ထ=t:.3,th:.8 ခ=kh:.3,k:.4 ဇ=z:.3,j:.5 စ=s ဆ=s ရှ=sh"
)
_RHYMES_FROM_ELSEWHERE = table(
    "=a ာ=a က်=ek:.5,ed:.4,et:.8,ak:1,ad:1 တ်=at:.4,ad:.4,ath:1 စ်=id:.4,it:.5,is:.6,ich:1.4 ပ်=ap:.4,ab:.4,af:.6 "
    "ုတ်=ud:.3,ut:.5 ုပ်=ub:.4,up:.4 ိတ်=ed:.5,id:.5,et:.6 ိပ်=ib:.5,ip:.5 ောက်=ok:.5,auk:.6 ိုက်=aik:.4,ike:.5 "
    "န်=an:.3,en:1 င်=in:.3,en:.8,ing:1 မ်=am:.3,an:1 ိန်=in:.4,en:.5,ein:.6 ုန်=un:.4,on:.5 ို=o ော်=aw:.5,o:.5,au:.8"
)


_PARTS = re.compile(f"({_CONSONANT})([ျြ]?)(ွ?)(ှ?)(.*)")


def _slots(syllable: str) -> list[Ways]:
    """The ways of onset and rhyme."""
    found = _PARTS.fullmatch(syllable)
    if not found:
        return []
    letter, medial, w, h, rest = found.groups()
    onset = _ONSETS.get(letter + medial + h) or _ONSETS.get(letter + medial) or _ONSETS.get(letter, (("", 0.0),))
    creaky = "့" in rest
    rhyme = re.sub("[့း]", "", rest)
    rhymes = _AFTER_W if w else _RHYMES
    vowel = rhymes.get(rhyme) or _loose(rhyme, bool(w))
    if letter in "ဣဤဥဦဧဩဪ" and not rhyme:
        return [onset]
    if creaky:
        vowel = tuple(
            pair for latin, cost in vowel for pair in ((_CREAKY.get(latin, latin), cost), (latin, cost + 1.2))
        )
    if letter == "ဝ" and not w:
        vowel = _AFTER_INITIAL_W.get(rhyme, vowel)
    return [onset, vowel]


_AFTER_INITIAL_W = table("န်=un:.4,an:.5 တ်=ut:.4,at:.5 မ်=un:.4,am:.5 ံ=un:.3,an:.6")
"""ဝန် is *Wun*, ဝတ် *Wut*."""


_FINALS = pairs("က=k ဂ=g င=n စ=s ဇ=z ည=n ဉ=n တ=t ဒ=d န=n ပ=p ဗ=b ဘ=b မ=m ယ= ရ=r လ=l ဝ=w သ=s ဟ=h ဖ=f ထ=t ခ=k")
_VOWEL_SIGNS = {"": "a", "ာ": "a", "ိ": "i", "ီ": "i", "ု": "u", "ူ": "u", "ေ": "e", "ဲ": "e", "ော": "o", "ို": "o", "ံ": "an"}


def _loose(rhyme: str, w: bool) -> Ways:
    """A rhyme of another language: its vowel, and its finals letter by letter."""
    vowel = re.match("[ါ-ံ]*", rhyme)
    sign = vowel[0] if vowel else ""
    finals = "".join(_FINALS.get(letter, "") for letter in rhyme[len(sign) :] if letter != "်")
    return ((("w" if w else "") + _VOWEL_SIGNS.get(sign.replace("်", ""), "a") + finals, 0.0),)
