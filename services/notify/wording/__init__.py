"""What may be said to families, and in which words.

The story: an event or a job leads to a *kind* of message by one table (`declared`). A kind is a type without any field
that could hold a name, a place, an agency or a fate (`kinds`), so no template can leak one. Its words are gettext
catalogues in sixteen languages (`texts`, `catalogues`, `languages`); an *envelope* adds the alias, the one-time code
and the page's address (`envelope`); `render` makes the text for a channel, and says how many SMS it takes
(`segments`). News and the periodic "please get in touch" are the same entry of the catalogue: who reads along cannot
tell them apart. A language is sent by an organisation only after it approved the digest of every text in it
(`digest_of`); `samples` shows what it approves. `replies` understands STOP, START and HELP.

Nothing here knows a database, a broker or a case.
"""

from services.notify.wording.catalogues import CATALOGUE_FOLDERS, digest_of
from services.notify.wording.declared import DECLARED, kind_for
from services.notify.wording.envelope import Envelope, clean_alias
from services.notify.wording.kinds import (
    KINDS,
    NOT_ON_SHARED_PHONES,
    OF_APPOINTMENTS,
    STANDING_APPOINTMENTS,
    Appointment,
    AppointmentCancelled,
    AppointmentChanged,
    ContactCheck,
    Digest,
    GetInTouch,
    HelpAnswer,
    Kind,
    News,
    OptInConfirmed,
    OptOutConfirmed,
    Receipt,
    ReplyReceived,
    UnknownSender,
    Urgency,
    WithUs,
    check_kinds,
)
from services.notify.wording.languages import LANGUAGES, Language, language_for, when
from services.notify.wording.render import Channel, Rendered, check_catalogues, render, samples
from services.notify.wording.replies import Meaning, meaning
from services.notify.wording.segments import Size, count, split
from services.notify.wording.texts import check_texts

__all__ = [
    "CATALOGUE_FOLDERS",
    "DECLARED",
    "KINDS",
    "LANGUAGES",
    "NOT_ON_SHARED_PHONES",
    "OF_APPOINTMENTS",
    "STANDING_APPOINTMENTS",
    "Appointment",
    "AppointmentCancelled",
    "AppointmentChanged",
    "Channel",
    "ContactCheck",
    "Digest",
    "Envelope",
    "GetInTouch",
    "HelpAnswer",
    "Kind",
    "Language",
    "Meaning",
    "News",
    "OptInConfirmed",
    "OptOutConfirmed",
    "Receipt",
    "Rendered",
    "ReplyReceived",
    "Size",
    "UnknownSender",
    "Urgency",
    "WithUs",
    "check_catalogues",
    "check_kinds",
    "check_texts",
    "clean_alias",
    "count",
    "digest_of",
    "kind_for",
    "language_for",
    "meaning",
    "render",
    "samples",
    "split",
    "when",
]

check_kinds()
check_texts()
