"""Photos and documents of a case: added, listed, opened, removed. No file has an address that opens it to anybody."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Response
from pydantic import TypeAdapter
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from services.intake import commands, queries, receiving
from services.intake.api.requests import Credential, IdempotencyKey, IfMatch, actor_of
from services.intake.casework.attachments import AskAttachment
from services.intake.cleaning.cleaner import ENDINGS
from services.intake.commands import attachments as acts
from services.intake.commands.once import done_once
from services.intake.domain import Case
from services.intake.handing_out import as_file
from services.intake.queries import attachments as found
from services.intake.queries.referrals import referral
from services.intake.queries.shared_attachments import opened_by
from services.intake.schemas import CaseRef
from services.intake.schemas.attachments import AttachmentAdded, AttachmentOut
from services.intake.settings import V1
from shared.access import Actor
from shared.crypto import KeyRing
from shared.database import reading, transaction, utc_now
from shared.depot import depot_for
from shared.uploads import FILE, UPLOAD_TYPE, Uploaded, uploaded
from shared.web import etag, expected_version, validated

Upload = Annotated[Uploaded, Depends(uploaded)]
_ASKED = TypeAdapter(AskAttachment)
AS_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            UPLOAD_TYPE: {
                "schema": {
                    "type": "object",
                    "required": [FILE, "title"],
                    "properties": {
                        FILE: {"type": "string", "format": "binary", "description": "JPEG, PNG, WebP or PDF."},
                        "title": {"type": "string", "minLength": 1, "maxLength": 200},
                        "person_id": {
                            "type": "string",
                            "format": "uuid",
                            "description": "Whom it shows, or tells of; without one, the case as a whole.",
                        },
                    },
                }
            }
        },
    }
}
AS_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {one: {"schema": {"type": "string", "format": "binary"}} for one in ENDINGS}}
}


def router(engine: Engine, keys: KeyRing) -> APIRouter:
    """The routes, bound to this service's database and keys."""
    routes = APIRouter(prefix=V1)

    @routes.post("/cases/{case_id}/attachments", status_code=201, response_model=AttachmentAdded, openapi_extra=AS_FORM)
    def add_attachment(
        case_id: UUID,
        credential: Credential,
        upload: Upload,
        response: Response,
        if_match: IfMatch = None,
        idempotency_key: IdempotencyKey = None,
    ) -> AttachmentAdded:
        """Add a photo or document. Once this answers 201 it survives any crash."""
        with reading(engine) as session:
            actor = actor_of(session, keys, credential)
            queries.case(session, actor, case_id)
            asked: AskAttachment = validated(
                _ASKED, {name: one for name in upload.fields if (one := upload.fields.one(name))}
            )
            acts.check_attachable(session, actor, case_id, asked)
        kept = receiving.kept(engine, actor, upload.file)
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            queries.case(session, actor, case_id, lock=True)

            def add() -> dict[str, Any]:
                expected = expected_version(if_match)
                row = acts.add_attachment(session, actor, case_id, asked, kept, expected=expected)
                version = queries.case(session, actor, case_id).version
                told = _out(found.Attached(row, asked.title)).model_dump(mode="json")
                return {**told, "version": version}

            digest = hashlib.sha256(kept.came).hexdigest()
            request = ["add attachment", case_id, asked.model_dump(mode="json"), digest]
            added = AttachmentAdded.model_validate(done_once(session, actor, idempotency_key, request, add))
        response.headers["ETag"] = etag(added.version)
        response.headers["Location"] = f"{V1}/cases/{case_id}/attachments/{added.id}/content"
        return added

    @routes.get("/cases/{case_id}/attachments", response_model=list[AttachmentOut])
    def list_attachments(case_id: UUID, credential: Credential) -> list[AttachmentOut]:
        """Those of the case and of the duplicates merged into it, the oldest first. The read is recorded."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id)
            listed = found.attachments(session, case)
            _note(session, actor, case, {person for one in listed for person in found.shown_in(session, case, one.row)})
            return [_out(one) for one in listed]

    @routes.get("/cases/{case_id}/attachments/{attachment_id}/content", response_class=Response, responses=AS_FILE)
    def open_attachment(case_id: UUID, attachment_id: UUID, credential: Credential) -> Response:
        """The photo or document itself; that it was opened is recorded."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            case = queries.case(session, actor, case_id)
            row = found.attachment(session, case, attachment_id)
            opened = found.opened(session, row)
            _note(session, actor, case, found.shown_in(session, case, row))
        return as_file(opened.content(depot_for(engine)), opened.media_type, opened.attachment_id)

    @routes.get(
        "/referrals/{referral_id}/attachments/{attachment_id}/content", response_class=Response, responses=AS_FILE
    )
    def open_shared_attachment(referral_id: UUID, attachment_id: UUID, credential: Credential) -> Response:
        """One that is shared under a referral, for either side; that it was opened is recorded."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            row = referral(session, actor, referral_id)
            shared, opened = opened_by(session, actor, row, attachment_id, utc_now().date())
            commands.note_view(session, actor, "attachment", row.case_id, [shared.person_id])
        return as_file(opened.content(depot_for(engine)), opened.media_type, opened.attachment_id)

    @routes.delete("/cases/{case_id}/attachments/{attachment_id}", response_model=CaseRef)
    def remove_attachment(
        case_id: UUID, attachment_id: UUID, credential: Credential, response: Response, if_match: IfMatch = None
    ) -> CaseRef:
        """Remove it: it opens for nobody of this organisation any more."""
        with transaction(engine) as session:
            actor = actor_of(session, keys, credential)
            expected = expected_version(if_match)
            case = acts.remove_attachment(session, actor, case_id, attachment_id, expected=expected)
            response.headers["ETag"] = etag(case.version)
            return CaseRef.model_validate(case)

    return routes


def _note(session: Session, actor: Actor, case: Case, people: Any) -> None:
    commands.note_view(session, actor, "attachment", case.id, sorted(people))


def _out(one: found.Attached) -> AttachmentOut:
    row = one.row
    return AttachmentOut(
        id=row.id,
        case_id=row.case_id,
        person_id=row.person_id,
        kind="photo" if row.kind == "photo" else "document",
        media_type=row.media_type,
        size=row.size,
        title=one.title,
        added_at=row.added_at,
    )
