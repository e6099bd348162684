"""Notify's own settings."""

from datetime import timedelta

SERVICE = "notify"
LISTENS_TO = ("intake", "reporting")
JOBS = "notify.jobs"

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
