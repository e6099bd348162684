"""Photos and documents of a case: which may be kept, which may be shared, and what is said where one may not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.intake.casework.forms import Form, NeededName, PersonOfCase

ATTACHMENT_KINDS: Mapping[str, str] = {"photo": "Photo", "document": "Document"}

REFUSED: Mapping[str, str] = {
    "empty": "Choose a file: none came with the form, or it was empty.",
    "too_large": "The file is too large: send a smaller picture, or fewer pages.",
    "other_type": "Only photos (JPEG, PNG, WebP) and documents (PDF) can be kept: save it as one of these.",
    "heic": "This is a photo as Apple's telephones keep it (HEIC): save or share it as JPEG, and send that.",
    "broken": "The file cannot be read: it is damaged or cut off, or not what it says it is. Save it anew, or take a "
    "photo of it.",
    "encrypted": "The document is locked with a password: save it without one, and send that.",
    "too_many_points": "The picture has too many points: make it smaller, and send that.",
    "too_many_pages": "The document has more than 300 pages: send the pages that matter.",
}
"""Why a file is not kept, by code, and what to do."""


class AskAttachment(Form):
    """What is said with a photo or a document."""

    title: NeededName = Field(title="What is it?", description="For example: birth certificate, photo of last summer.")
    person_id: Annotated[UUID, PersonOfCase()] | None = Field(
        None,
        title="Whom does it show, or tell of?",
        description="What tells of the case as a whole is lost when anybody of the case is erased.",
    )


ATTACHMENT_FORMS = (AskAttachment,)
