"""STOP, START and HELP as families write them, in every language. All else is a reply, which a person reads.

"I am safe", "I am not missing", "share with nobody" are never guessed from a text: a case worker understands them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Meaning = Literal["stop", "start", "help"]

LONGEST_COMMAND = 60
"""Characters; a longer message is a letter."""


def meaning(text: str) -> Meaning | None:
    """What a message asks of the service itself, else None.

    The whole message is one of `WORDS`, whatever its case, accents, punctuation, spaces and invisible marks. STOP
    counts also before one of `_POLITE` ("stop please"): before another word it may mean anything: a person reads it.
    """
    if len(text) > LONGEST_COMMAND:
        return None
    words = [word for word in map(_folded, _APART.sub(" ", text).split()) if word]
    found = _MEANINGS.get("".join(words))
    if found is None and len(words) == 2 and _MEANINGS.get(words[0]) == "stop" and words[1] in _POLITE:
        return "stop"
    return found


def shown(tag: str, wanted: Meaning) -> str:
    """The word that a message in a language names: the first of the table."""
    return WORDS[tag][wanted][0]


def _folded(word: str) -> str:
    """A word as it is compared: compatibility forms, case, Latin accents, Arabic vowel signs and letter variants, the
    homophones of Ethiopic, punctuation and invisible marks are gone; vowel signs of Bengali and Burmese stay."""
    plain = unicodedata.normalize("NFKD", word).casefold().translate(_VARIANTS)
    plain = "".join(one for one in plain if unicodedata.category(one)[0] in "LMN")
    return _VOWEL_SIGNS.sub("", plain)


_APART = re.compile(r"[\s\u2800\u3164\u115f\u1160]+")
"""White space, and characters that only look like it."""

_VOWEL_SIGNS = re.compile("[\u0300-\u036f\u064b-\u065f\u0670\u0640]")
"""Latin and Cyrillic accents, Arabic vowel signs and the lengthening stroke."""

_GUTTURALS = {0x1200: 0x1200, 0x1210: 0x1200, 0x1280: 0x1200, 0x12A0: 0x12A0, 0x12D0: 0x12A0}
"""Rows of Ethiopic that sound alike → the one that stands for them; their first and fourth order do too."""
_SIBILANTS = {0x1220: 0x1230, 0x1340: 0x1338}

_VARIANTS: dict[int, int | str] = {
    **{ord(written): home for written, home in zip("ىیېکةھہ", "يييكههه", strict=True)},
    **{
        row + order: home + (0 if order == 3 and row in _GUTTURALS else order)
        for row, home in (_GUTTURALS | _SIBILANTS).items()
        for order in range(7)
    },
}
"""Arabic letters as Persian and hurried hands write them, and Ethiopic letters that sound alike."""

_POLITE = frozenset(
    _folded(word)
    for words in (
        "please pls now all sms messages message texting thanks",
        "svp merci gracias grazie obrigado bitte danke пожалуйста спасибо شكرا لطفا",
    )
    for word in words.split()
)
"""No word with which a sentence could go on."""
WORDS: dict[str, dict[Meaning, tuple[str, ...]]] = {
    "en": {
        # The carriers' words (CTIA, Messaging Principles and Best Practices). In other languages "cancel" is left to a
        # person: it may be the appointment that is meant.
        "stop": ("STOP", "STOPALL", "STOP ALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "OPT OUT", "REVOKE"),
        "start": ("START", "UNSTOP", "OPT IN"),
        "help": ("HELP", "INFO"),
    },
    "fr": {
        "stop": ("STOP", "ARRÊT", "ARRÊTER", "ARRÊTEZ", "DÉSABONNER"),
        "start": ("DEBUT", "COMMENCER", "REPRENDRE"),
        "help": ("AIDE",),
    },
    "es": {
        "stop": ("ALTO", "PARAR", "PARE", "BAJA", "DETENER"),
        "start": ("INICIO", "INICIAR", "EMPEZAR", "ALTA"),
        "help": ("AYUDA",),
    },
    "pt": {
        "stop": ("PARAR", "PARE", "SAIR"),
        "start": ("INICIAR", "INÍCIO", "COMEÇAR"),
        "help": ("AJUDA",),
    },
    "ar": {
        "stop": ("إيقاف", "توقف", "قف", "أوقف", "أوقفوا", "ستوب"),
        "start": ("بدء", "ابدأ", "ابدؤوا", "استئناف"),
        "help": ("مساعدة", "المساعدة"),
    },
    "zh": {
        "stop": ("停止", "停", "退订", "退訂"),
        "start": ("开始", "開始", "恢复", "恢復"),
        "help": ("帮助", "幫助"),
    },
    "ru": {
        "stop": ("СТОП", "ОТПИСКА", "ОТПИСАТЬСЯ", "ХВАТИТ"),
        "start": ("СТАРТ", "НАЧАТЬ"),
        "help": ("ПОМОЩЬ", "СПРАВКА"),
    },
    "de": {
        "stop": ("STOPP", "ABMELDEN", "ENDE", "AUFHÖREN", "AUFHOEREN"),
        "start": ("START", "ANMELDEN", "BEGINNEN"),
        "help": ("HILFE",),
    },
    "it": {
        "stop": ("FERMA", "FERMARE", "BASTA"),
        "start": ("INIZIA", "INIZIO", "INIZIARE"),
        "help": ("AIUTO",),
    },
    "am": {
        "stop": ("ይቁም", "አቁም", "አቁሚ", "አቁሙ", "ይብቃ"),
        "start": ("ይጀመር", "ጀምር", "ጀምሪ", "ጀምሩ"),
        "help": ("እርዳታ", "እገዛ"),
    },
    "ti": {
        "stop": ("ኣቋርጹ", "ኣቋርጽ", "ኣቋርጺ", "ይቋረጽ", "ደው ኣብሉ", "ደው ኣብል"),
        "start": ("ጀምሩ", "ጀምር", "ይጀመር"),
        "help": ("ሓገዝ",),
    },
    "so": {
        "stop": ("JOOJI", "JOOJIYA", "JOOGSO"),
        "start": ("BILOW", "BILAAB", "BILAABO"),
        "help": ("CAAWIN", "CAAWIMO", "GARGAAR"),
    },
    "bn": {
        "stop": ("বন্ধ", "বন্ধ করুন", "থামুন", "থামান"),
        "start": ("শুরু", "শুরু করুন", "চালু"),
        "help": ("সাহায্য", "সহায়তা"),
    },
    "fa": {
        "stop": ("توقف", "بس", "بس است"),
        "start": ("شروع", "آغاز"),
        "help": ("راهنما", "راهنمایی", "کمک"),
    },
    "uk": {
        "stop": ("СТОП", "ВІДПИСАТИСЯ", "ПРИПИНИТИ", "ДОСИТЬ"),
        "start": ("СТАРТ", "ПОЧАТИ"),
        "help": ("ДОПОМОГА", "ДОВІДКА"),
    },
    "my": {
        "stop": ("ရပ်", "ရပ်ပါ", "ရပ်တန့်", "ရပ်တန့်ပါ"),
        "start": ("စတင်", "စတင်ပါ", "ပြန်စ"),
        "help": ("အကူအညီ",),
    },
}
"""Per language and meaning: first the word that our messages name, then what people write instead."""

_MEANINGS: dict[str, Meaning] = {
    _folded("".join(word.split())): wanted
    for meanings in WORDS.values()
    for wanted, words in meanings.items()
    for word in words
}
