"""Notify's own settings."""

from datetime import timedelta

SERVICE = "notify"
LISTENS_TO = ("intake", "reporting")
JOBS = "notify.jobs"
FAMILY_PAGE = "/notify/f"
"""Where families enter their codes: short, for it stands in text messages."""

SWEEP_EVERY = timedelta(seconds=30)
FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
GIVE_UP_AFTER = timedelta(hours=72)
AT_ONCE = 25
"""Messages whose attempts are recorded together: all have an outcome long before `ATTEMPT_LIMIT`."""
OUTCOME_PATIENCE = 60.0
"""Seconds for which the outcome of an attempt waits for the database; after that nobody knows it."""
OUTCOME_PAUSE = 0.5
ATTEMPT_LIMIT = timedelta(minutes=5)
"""An attempt without an outcome after this time was broken off by a crash: its outcome is unknown."""
REFUSED_ROWS_NAMED = 200
"""Rows named in one message; the rest is counted."""

UNVERIFIED_AFTER = timedelta(days=90)
"""A number from which nobody was heard for so long may be somebody else's."""
PERIOD = timedelta(days=30)
"""Between two periodic messages of a case."""
CODE_LIFE = timedelta(days=30)
CALL_WITHIN = timedelta(hours=24)
"""For a case worker to do what notify cannot."""
TRIES_BEFORE_NEXT = 8
"""Attempts at one address, where another one follows."""
FAMILIES_AT_ONCE = 50
"""Messages to families whose attempts are recorded together: what a crash leaves open at the most, a thread of work."""
SENDING_THREADS = 16
LOOK_AGAIN = timedelta(minutes=5)
"""After which an attempt without an outcome is looked up at its provider."""
RECHECK = timedelta(minutes=15)
"""After which a message that may not go out now is looked at again."""
DIGEST_FROM = 3
"""Messages to one contact within a day, after which what follows is told together."""
DIGEST_AT = 18
"""The hour of the family's day at which it is told."""
EARLY_RECEIPTS_KEPT = timedelta(days=3)
MESSAGES_HEARD_KEPT = timedelta(days=30)
LOOK_EVERY = timedelta(seconds=5)
"""How often messages to families that are due are looked for, whatever jobs say."""
TOGETHER = 0.02
"""Seconds for which outcomes wait for others, to be recorded in one transaction."""

LEAVE_PAGE = "/notify/u"
"""Where the link in a report's mail leads, with its token behind it."""
REPORTS_AT_ONCE = 50
"""Mails with reports that are looked for together; each is sent by itself."""
REPORT_BROKEN_OFF = timedelta(minutes=30)
"""After which a mail without an outcome was broken off by a crash: with its files it may take long to hand over."""
ENDED_READERS_KEPT = timedelta(days=30)
"""How long the address of a reader who ended is kept, to take it back."""
