"""Latin letters become sounds, and sounds their consonants in classes that scripts, ears and registrars confuse."""

from __future__ import annotations

import re
from functools import lru_cache

_SOUNDS = dict(
    pair.split("=")
    for pair in [
        "dsch=J",
        "tsch=C",
        "sch=S",
        "tch=C",
        "dzh=J",
        "sh=S",
        "ch=C",
        "zh=Z",
        "kh=x",
        "gh=G",
        "ph=f",
        "th=t",
        "dh=d",
        "dj=J",
        "ts=c",
        "tz=c",
        "cz=C",
        "sz=S",
        "ck=k",
        "qu=k",
        "x=ks",
        "ou=u",
        "oo=u",
        "ee=i",
        "eu=u",
        "oe=o",
        "aa=a",
        "ae=a",
        "q=k",
        "j=J",
        "w=v",
        "y=i",
        "c=k",
    ]
)
_WRITTEN = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_SOFT_C = re.compile("c(?=[eiy])")
_DOUBLED = re.compile(r"(.)\1+")
_CLASSES = str.maketrans("pfgGxzSZCJcdm", "bvkkkssssss" + "tn")
_DI = re.compile("d[iy](?=[aeou])")
"""*Diallo* in French letters is *Jallow* in English ones; so are Diarra, Diatta, Tidiane."""


@lru_cache(maxsize=200_000)
def sound(latin: str) -> str:
    """The sounds of a word in a–z: one letter each; capitals are those that Latin letters write by two."""
    soft = _SOFT_C.sub("s", latin.replace("ch", "\0")).replace("\0", "ch")
    return _DOUBLED.sub(r"\1", _WRITTEN.sub(lambda found: _SOUNDS[found[0]], soft))


@lru_cache(maxsize=200_000)
def skeleton(latin: str) -> str:
    """The consonants of a word in a–z, in classes. `mohammed`, `muhamad`, `mhmd` → `nnt`; a vowel alone stays one."""
    classes = sound(latin).translate(_CLASSES)
    bare = _DOUBLED.sub(r"\1", "".join(letter for letter in classes if letter not in "aeiouh"))
    return bare or latin[:1]


_ELSEWHERE = (("ch", "kh"), ("j", "y"), ("x", "kh"))
"""Latin letters → what they are where German, Dutch, a Nordic, Slavic or Central Asian language is written: *Choury*,
*Semjonowna*, *Jamilaxon* are Khoury, Semyonovna and Jamilakhon."""


def skeletons(romanisations: tuple[str, ...], most: int, *, written: bool = False) -> tuple[str, ...]:
    """Of a word's romanisations, each once, the likeliest first. `written`: they are Latin letters that somebody wrote,
    whatever language they spoke."""
    found: dict[str, None] = {}
    for latin in romanisations:
        found.setdefault(skeleton(latin))
        if _DI.search(latin):
            found.setdefault(skeleton(_DI.sub("j", latin)))
    if written:
        for latin in romanisations[:1]:
            for letters, elsewhere in _ELSEWHERE:
                if letters in latin:
                    found.setdefault(skeleton(latin.replace(letters, elsewhere)))
    return tuple(found)[:most]
