"""Has a file cleaned in a process of its own. What that process reads itself is beside this: it reads nothing else."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from services.intake.casework.attachments import REFUSED
from services.intake.cleaning.refusing import REFUSES
from shared.errors import FieldError, InvalidInput

AT_ONCE = BoundedSemaphore(2)
SECONDS = 60
"""Until a cleaner that does not come to an end is ended; its processor time is limited by itself."""
_ROOT = Path(__file__).parents[3]

TYPES = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"%PDF-": "application/pdf",
}
KINDS = {"image/jpeg": "photo", "image/png": "photo", "image/webp": "photo", "application/pdf": "document"}
ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}
_APPLES = frozenset({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"})


@dataclass(frozen=True)
class Cleaned:
    """A photo or document that may be kept."""

    media_type: str
    content: bytes

    @property
    def kind(self) -> str:
        """photo, document."""
        return KINDS[self.media_type]


def cleaned(content: bytes, most: int) -> Cleaned:
    """The same photo or document, made anew: without where and when it was taken, by whom and with what, and without
    anything that acts, hides or is appended. At most `most` bytes, also after it.

    Raises `InvalidInput`, which says what to do instead.
    """
    if not content:
        raise refused("empty")
    if len(content) > most:
        raise refused("too_large")
    media_type = _sniffed(content)
    with AT_ONCE:
        clean = _in_a_process_of_its_own(media_type, content)
    if len(clean) > most:
        raise refused("too_large")
    return Cleaned(media_type, clean)


def refused(code: str) -> InvalidInput:
    """The refusal of a file, at its field."""
    return InvalidInput(REFUSED[code], (FieldError("#/file", code, REFUSED[code]),))


def _sniffed(content: bytes) -> str:
    """What it is by its first bytes; whether it is that in truth, the cleaner finds out."""
    for beginning, media_type in TYPES.items():
        if content.startswith(beginning):
            return media_type
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    raise refused("heic" if content[4:8] == b"ftyp" and content[8:12] in _APPLES else "other_type")


def _in_a_process_of_its_own(media_type: str, content: bytes) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 # our own program
            [sys.executable, "-E", "-s", "-m", "services.intake.cleaning", media_type],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            cwd=_ROOT,
            env={},
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise refused("broken") from None
    if done.returncode == REFUSES:
        code = done.stderr.decode("ascii", "replace").strip()
        raise refused(code if code in REFUSED else "broken")
    if done.returncode != 0 or not done.stdout:
        raise refused("broken")
    return done.stdout
