"""Intake's own settings."""

from datetime import timedelta

SERVICE = "intake"
LISTENS_TO = ("notify", "reporting")
V1 = "/intake/v1"
"""Where the interface for programs is."""

BODY_LIMIT = 8 * 1024 * 1024
"""Bytes; a batch of 1,000 cases has about 600 KB."""
UPLOADS_END = "/attachments"
"""How the paths end to which a photo or document is sent: their limit is `KINBRIDGE_DEPOT_MOST_BYTES`, and the rest of
the form."""
FORM_AROUND_A_FILE = 128 * 1024
ARRIVES_WITHIN = timedelta(hours=1)
"""Bytes that nothing refers to after that were left behind by a crash."""
BATCH_ITEMS = 1000
IMPORT_ROWS_PER_TRANSACTION = 500
PAGE = 100
ANSWERS_KEPT = timedelta(days=30)
"""How long an `Idempotency-Key` is remembered."""
DRAFTS_KEPT = timedelta(days=30)
"""After the last change of a case that somebody began to write down."""

TICKET_LIFE = timedelta(minutes=10)
"""From the password to the second factor."""
SESSION_LIFE = timedelta(hours=12)
SESSION_IDLE = timedelta(minutes=30)
"""A session that nobody uses ends."""
INVITATION_LIFE = timedelta(hours=72)
