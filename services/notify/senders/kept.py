"""Messages that are kept as files, in place of being sent."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from services.notify.senders.channel import Handed
from shared.files import settle_names, write_whole


def keep_once(target: Path, reference: UUID, content: Callable[[], bytes]) -> Handed:
    """Written durably, whole and readable by the owner alone: delivered. What is there already stays as it is.

    A disk that does not take it: `temporary-failure`. A `ValueError` of `content`, such as a text that is no Unicode:
    `technical-failure`.
    """
    try:
        if not target.exists():
            written = content()
            target.parent.mkdir(parents=True, exist_ok=True)
            write_whole(target, written)
            settle_names(target.parent.parent)
    except OSError:
        return Handed("temporary-failure", code="disk")
    except ValueError:
        return Handed("technical-failure", code="not-writable")
    return Handed("delivered", str(reference))
