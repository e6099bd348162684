"""Mail that comes back: bounces as mail servers write them, and answers as mail programs do."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from html import escape
from uuid import UUID

US = "messages@letters.example"
FAMILY = "family@home.example"


def bounce(
    attempt: UUID,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 <family@home.example>: Recipient address rejected: User unknown",
    envelope_id: bool = False,
    returned: str = "text/rfc822-headers",
) -> bytes:
    """A delivery status notification in the form of RFC 3464's own examples, which Postfix and Exim follow."""
    id_line = f"Original-Envelope-Id: {attempt}\n" if envelope_id else ""
    message_id = "" if envelope_id else f"Message-ID: <{attempt}@letters.example>\n"
    return f"""Return-Path: <>
From: MAILER-DAEMON@relay.example (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: {US}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
\tboundary="9B095B5ADSN=_01"
Message-Id: <20261129120000.9B095B5A@relay.example>

This is a MIME-encapsulated message.

--9B095B5ADSN=_01
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--9B095B5ADSN=_01
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
{id_line}Arrival-Date: Sun, 29 Nov 2026 12:00:00 +0000 (UTC)

Final-Recipient: rfc822; {FAMILY}
Action: {action}
Status: {status}
Remote-MTA: dns; mx.home.example
Diagnostic-Code: {diagnostic}

--9B095B5ADSN=_01
Content-Type: {returned}

From: {US}
To: {FAMILY}
Subject: A message for you
{message_id}Auto-Submitted: auto-generated

--9B095B5ADSN=_01--
""".encode()


def answer(
    text: str, *, sender: str = FAMILY, to: UUID | None = None, as_html: bool = False, **headers: str
) -> EmailMessage:
    """What somebody writes back, with what they answer quoted below it, as a mail program does."""
    letter = EmailMessage(policy=policy.SMTP)
    letter["From"], letter["To"], letter["Subject"] = f"Somebody <{sender}>", US, "Re: A message for you"
    letter["Message-ID"] = headers.pop("message_id", f"<{abs(hash((text, sender)))}@home.example>")
    if to is not None:
        letter["In-Reply-To"] = letter["References"] = f"<{to}@letters.example>"
    for name, value in headers.items():
        letter[name.replace("_", "-")] = value
    quoted = (
        f"{text}\n\nOn Sun, 29 Nov 2026 at 12:00, <{US}> wrote:\n> Your request is with us.\n> Code: AAAA-BBBB-CCCC\n"
    )
    if as_html:
        letter.set_content(f"<p>{escape(quoted).replace(chr(10), '<br>')}</p>", "html")
    else:
        letter.set_content(quoted)
    return letter
