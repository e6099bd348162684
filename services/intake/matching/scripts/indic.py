"""Names in the scripts of South Asia, as people there spell them: Hunterian romanisation (Survey of India) and
Bangladeshi usage.

A consonant has the vowel *a* unless another one or a virama is written; northern languages leave it out at the end of
a word and between two syllables (schwa deletion: Ohala, *Aspects of Hindi Phonology*, 1983). The blocks of Unicode
run parallel: a letter of any of them is read by its place in its block.
"""

from __future__ import annotations

import re

from services.intake.matching.scripts.ways import Ways, likeliest, pairs, table

_BLOCKS = {
    "Deva": 0x900,
    "Beng": 0x980,
    "Guru": 0xA00,
    "Gujr": 0xA80,
    "Orya": 0xB00,
    "Taml": 0xB80,
    "Telu": 0xC00,
    "Knda": 0xC80,
    "Mlym": 0xD00,
}
SCRIPTS = frozenset({*_BLOCKS, "Sinh"})
_DROPS_A = frozenset({"Deva", "Beng", "Guru", "Gujr"})
_VIRAMA, _NUKTA, _ANUSVARA, _BINDI, _VISARGA = "्", "़", "ं", "ँ", "ः"
_CONSONANTS = table(
    "क=k ख=kh ग=g घ=gh ङ=ng च=ch छ=chh:.4,ch:.4 ज=j झ=jh ञ=ny,n:.6 ट=t ठ=th ड=d ढ=dh ण=n त=t थ=th द=d ध=dh "
    "न=n ऩ=n प=p फ=ph:.5,f:.3 ब=b भ=bh म=m य=y र=r ऱ=r ल=l ळ=l ऴ=zh,l:.5 व=v:.3,w:.5 श=sh:.1,s:1.5 "
    "ष=sh:.1,s:1.5 स=s ह=h"
)
_WITH_NUKTA = table("क=q:.2,k:.6 ख=kh ग=gh ज=z:.1,j:1.5 झ=zh ड=r:.2,d:1.2 ढ=rh:.3,r:.5 फ=f ब=v,w:.5 य=y")
_BENGALI = table(
    "ब=b:.1,v:2,w:2.5 व=b ज=j:.2,z:.8 झ=jh य=j:.4,z:.6,y:.6 स=s:.2,sh:1.2 श=sh:.2,s:.9 ष=sh:.2,s:1.2 "
    "फ=f:.3,ph:.6 भ=bh:.3,v:.7,b:1.5 छ=s:.6,ch:.5,chh:.8 त=t क=k ण=n"
)
_BENGALI_NUKTA = table("य=y:.2,-:.9 ड=r ढ=r,rh:.5")
_TAMIL = table(
    "क=k:.4,g:.6 च=s:.4,ch:.5 ज=j ट=t:.4,d:.6 त=th:.4,t:.6,d:1.5 प=p:.3,b:.6 श=sh ष=sh स=s ह=h "
    "ऴ=zh:.4,l:.5 ऱ=r न=n व=v ज़=z"
)
_SIGNS = table(
    "ा=a ि=i ी=i:.2,ee:.9 ु=u ू=u:.2,oo:.9 ृ=ri े=e:.1,ay:2 ै=ai:.2,ei:1,e:1.2 ो=o:.1,oo:3 "
    "ौ=au:.2,ou:.8,o:1.2 ॅ=e,a:1 ॉ=o,au:2"
)
_BENGALI_SIGNS = table(
    "ा=a ि=i ी=i:.2,ee:1 ु=u:.1,o:1.8 ू=u:.2,oo:.9 ृ=ri े=e:.1,a:1.6 ै=oi:.4,ai:.4,ay:1 ो=o:.2,u:1.8,a:2 ौ=ou:.4,au:.6,ow:.8"
)
_INDEPENDENT = dict(zip("आइईउऊऋएऐओऔऍऑ", "ािीुूृेैोौॅॉ", strict=True))
_O_AFTER_A: Ways = (("o", 0.3), ("w", 0.5))
_INITIAL_A: Ways = (("a", 0.0),)
_INITIAL_A_BENGALI: Ways = (("a", 0.0), ("o", 1.5))
_YA_PHALA: Ways = (("", 0.3), ("y", 0.6))
_BA_PHALA: Ways = (("w", 0.4), ("", 0.5), ("b", 1.2))
"""Bengali ya and ba below another consonant: heard little, or not at all."""
_CHILLU = {ord(letter): written for letter, written in pairs("ൻ=ന് ർ=ര് ൽ=ല് ൾ=ള് ൺ=ണ് ൿ=ക്").items()}
"""Malayalam consonants that have no vowel."""
_INHERENT: Ways = (("a", 0.0), ("e", 2.6), ("u", 2.8))
_INHERENT_BENGALI: Ways = (("a", 0.1), ("o", 0.8), ("u", 1.7))
_CLUSTERS = table(
    "ङ्ग=ng:.2,ngg:1 ङ्क=nk:.2,ngk:.9 क्ष=ksh:.4,kh:.6,x:1.5 ज्ञ=gy:.4,jn:.6,ny:1.5 त्त=tt:.3,t:.4 श्र=shr,sr:.6"
)
_BENGALI_CLUSTERS = table(
    "ङ्ग=ng:.3,ngg:.6 ङ्क=nk:.3,ngk:.7 र्य=ry:.3,rj:.5 क्ष=kh:.4,ksh:.6 ज्ञ=gy:.4,gg:1 त्त=tt:.3,t:.4 श्र=shr:.4,sr:.5"
)
_SINHALA_CONSONANTS = table(
    "ක=k ඛ=kh ග=g ඝ=gh ඞ=ng ඟ=ng ච=ch ඡ=ch ජ=j ඣ=jh ඤ=gn,n:.6 ඥ=gn,n:.6 ඦ=nj ට=t ඨ=t ඩ=d ඪ=d ණ=n ඬ=nd "
    "ත=th:.3,t:.5 ථ=th ද=d ධ=dh:.4,d:.5 න=n ඳ=nd ප=p ඵ=ph බ=b භ=bh:.4,b:.6 ම=m ඹ=mb ය=y ර=r ල=l "
    "ව=w:.3,v:.5 ශ=sh ෂ=sh ස=s හ=h ළ=l ෆ=f"
)
_SINHALA_SIGNS = table("ා=a ැ=e,a:.6 ෑ=e,a:.6 ි=i ී=i,ee:.8 ු=u ූ=u,oo:.8 ෘ=ru ෙ=e ේ=e ෛ=ai ො=o ෝ=o ෞ=au")
_SINHALA_INDEPENDENT = table("අ=a ආ=a ඇ=e,a:.6 ඈ=e ඉ=i ඊ=i,ee:.8 උ=u ඌ=u ඍ=ru එ=e ඒ=e ඓ=ai ඔ=o ඕ=o ඖ=au")

Syllable = tuple[list[Ways], Ways | None, bool]
"""(Onset, vowel or none, whether the vowel is the inherent one)."""


def romanisations(word: str, script: str) -> tuple[str, ...]:
    """Of a word in one of `SCRIPTS`."""
    if script == "Sinh":
        return likeliest(_written(_syllables_of_sinhala(word)))
    letters = "".join(
        chr(0x900 + ord(letter) - _BLOCKS[script]) if _BLOCKS[script] <= ord(letter) < _BLOCKS[script] + 0x80 else ""
        for letter in _plain(word, script)
    )
    syllables = _syllables(letters, script)
    if script in _DROPS_A:
        _drop_inherent(syllables)
    return likeliest(_written(syllables))


_BENGALI_SPELLINGS = tuple(
    (re.compile(written), sounded)
    for written, sounded in (
        ("^ইয়", "য়"),
        ("^ইউ", "য়ু"),
        ("^উই", "\u09b5ি"),
        ("[অএ]্যা?", "আ"),
        ("ৈয়", "ায়"),
        ("ঞ(?=্[চছজঝ])", "ন"),
    )
)
"""A vowel before another is a glide (*Yasmin*, *Yusuf*, *William*), ñ before its own kind is n (*Manju*)."""


def _plain(word: str, script: str) -> str:
    """Letters that stand outside the common order."""
    if script == "Beng":
        for written, sounded in _BENGALI_SPELLINGS:
            word = written.sub(sounded, word)
        return word.replace("ৎ", "ত্").replace("ওয়া", "\u09b5া").replace("োয়া", "ো\u09b5া")
    if script == "Guru":
        return word.replace("ੱ", "").replace("ੰ", "ਂ")
    if script == "Mlym":
        return word.translate(_CHILLU)
    return word


def _tables(script: str) -> tuple[dict[str, Ways], dict[str, Ways], dict[str, Ways], dict[str, Ways], Ways]:
    if script == "Beng":
        return (
            {**_CONSONANTS, **_BENGALI, "व": (("w", 0.0), ("", 2.0))},
            _BENGALI_NUKTA,
            _BENGALI_SIGNS,
            _BENGALI_CLUSTERS,
            _INHERENT_BENGALI,
        )
    if script == "Taml":
        return {**_CONSONANTS, **_TAMIL}, _WITH_NUKTA, _SIGNS, _CLUSTERS, _INHERENT
    return _CONSONANTS, _WITH_NUKTA, _SIGNS, _CLUSTERS, _INHERENT


def _syllables(letters: str, script: str) -> list[Syllable]:
    reading = _Reading(letters, script)
    while reading.at < len(letters):
        reading.read()
    return [*reading.found, *([(reading.onset, None, False)] if reading.onset else [])]


class _Reading:
    """A word that is being read, letter by letter."""

    def __init__(self, letters: str, script: str) -> None:
        self.letters, self.script, self.at = letters, script, 0
        self.onset: list[Ways] = []
        self.found: list[Syllable] = []
        self.consonants, self.with_nukta, self.signs, self.clusters, self.inherent = _tables(script)

    def read(self) -> None:
        letter = self.letters[self.at]
        if letter in self.consonants:
            self._consonant(letter)
            return
        self.at += 1
        if self.script == "Beng" and letter == "ओ" and self.found and self.found[-1][1] is self.signs["ा"]:
            self.found.append(([_O_AFTER_A], None, False))
        elif letter in _INDEPENDENT:
            self.found.append(([], self.signs.get(_INDEPENDENT[letter], self.inherent), False))
        elif letter == "अ":
            self.found.append(([], _INITIAL_A_BENGALI if self.script == "Beng" else _INITIAL_A, False))
        elif letter in (_ANUSVARA, _BINDI):
            self.found.append(([_nasal(self.letters[self.at : self.at + 1], self.script)], None, False))

    def _consonant(self, letter: str) -> None:
        """A consonant, with the vowel that follows it or none."""
        cluster = self.clusters.get(self.letters[self.at : self.at + 3])
        self.at += 3 if cluster else 1
        if self.letters[self.at : self.at + 1] == _NUKTA:
            self.onset.append(self.with_nukta.get(letter) or self.consonants[letter])
            self.at += 1
        else:
            self.onset += [cluster, _JOINED] if cluster else [self.consonants[letter]]
        following = self.letters[self.at : self.at + 1]
        if following == _VIRAMA:
            self.at += 1
            if self.script == "Beng" and self.letters[self.at : self.at + 1] in {"य", "ब"} and len(self.onset) <= 2:
                self.onset.append(_YA_PHALA if self.letters[self.at] == "य" else _BA_PHALA)
                self.at += 1
                following = self.letters[self.at : self.at + 1]
            else:
                return
        if following in self.signs:
            self.at += 1
        self.found.append((self.onset, self.signs.get(following, self.inherent), following not in self.signs))
        self.onset = []


_JOINED: Ways = (("", 0.0),)
"""A cluster counts as two consonants."""


def _nasal(following: str, script: str) -> Ways:
    if script == "Beng":
        return (("ng", 0.2), ("n", 1.0))
    if following == "ह":
        return (("ng", 0.2), ("n", 0.8))
    return (("m", 0.2), ("n", 0.8)) if following in tuple("पफबभम") else (("n", 0.1), ("m", 1.5), ("", 2.0))


_AFTER_CLUSTER: Ways = (("a", 0.2), ("", 0.5))
"""At the end of a word: *Rajendra*, *Jayanta*, but *Jones*."""


def _drop_inherent(syllables: list[Syllable]) -> None:
    """From the right: at the end, and after a vowel before a syllable that has one."""
    for at in range(len(syllables) - 1, 0, -1):
        onset, _, inherent = syllables[at]
        if not inherent or not onset:
            continue
        if at == len(syllables) - 1:
            if len(onset) < 2 or len(syllables) > 2:
                syllables[at] = (onset, _AFTER_CLUSTER if len(onset) > 1 else None, False)
            continue
        before, after = syllables[at - 1], syllables[at + 1]
        if before[1] is not None and after[1] is not None and len(onset) == 1 and after[0] and len(after[0]) == 1:
            syllables[at] = (onset, (("", 0.2), ("a", 1.2)), False)


def _written(syllables: list[Syllable]) -> list[Ways]:
    return [slot for onset, vowel, _ in syllables for slot in (*onset, *([vowel] if vowel is not None else []))]


def _syllables_of_sinhala(word: str) -> list[Syllable]:
    found: list[Syllable] = []
    for at, letter in enumerate(word):
        following = word[at + 1 : at + 2]
        if letter in _SINHALA_CONSONANTS:
            vowel = None if following == "්" else _SINHALA_SIGNS.get(following, (("a", 0.0),))
            found.append(([_SINHALA_CONSONANTS[letter]], vowel, False))
        elif letter in _SINHALA_INDEPENDENT:
            found.append(([], _SINHALA_INDEPENDENT[letter], False))
        elif letter == "ං":
            found.append(([(("n", 0.1), ("ng", 0.8), ("m", 1.0))], None, False))
    return found
