"""Channels. Each delivers a text under an id, and can look up whether that id was delivered."""

from services.notify.senders.file import FileSender

__all__ = ["FileSender"]
