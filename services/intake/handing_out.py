"""A photo or document is handed out: as a file, and as nothing that a browser would run."""

from __future__ import annotations

from uuid import UUID

from fastapi import Response

from services.intake.cleaning.cleaner import ENDINGS

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def as_file(content: bytes, media_type: str, attachment_id: UUID) -> Response:
    """The answer. Its file name says nothing of what is in it."""
    name = f"{attachment_id.hex[-12:]}.{ENDINGS[media_type]}"
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
