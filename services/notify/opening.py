"""What an installation's settings say of telling families: by which channels, and where families enter their codes."""

from __future__ import annotations

from services.notify.senders import FamilySender, open_senders
from services.notify.settings import FAMILY_PAGE
from services.notify.wording.envelope import LONGEST_PAGE
from shared.errors import MisconfiguredError
from shared.settings import Settings


def open_channels(settings: Settings) -> dict[str, FamilySender]:
    """The sender of each channel. Raises `MisconfiguredError`."""
    return {str(channel): first for channel, (first, *_) in open_senders(settings).items()}


def family_page(settings: Settings) -> str:
    """The address of families' page, as it stands in messages: a telephone finds it without `https://`. Raises
    `MisconfiguredError` where it is too long for a text message."""
    page = f"{settings.notify_base}{FAMILY_PAGE}".removeprefix("https://")
    if len(page) > LONGEST_PAGE:
        raise MisconfiguredError(
            "Families type the address of their page: with KINBRIDGE_NOTIFY_ADDRESS (or KINBRIDGE_PUBLIC_URL) it may "
            f"have {LONGEST_PAGE} characters at most, {FAMILY_PAGE} included."
        )
    return page
