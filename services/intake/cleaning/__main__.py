"""The cleaner's own process: a file on standard input, its media type as the argument, the clean file on standard
output. Ends with `REFUSES` and a code on standard error where it may not be kept."""

from __future__ import annotations

import resource
import sys

MEMORY = 1536 * 1024 * 1024
PROCESSOR_SECONDS = 30


def main() -> None:
    """Limit oneself first, and only then look at what came."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    media_type, content = sys.argv[1], sys.stdin.buffer.read()
    from services.intake.cleaning.refusing import REFUSES, Refused  # what decodes is loaded under the limits

    try:
        if media_type == "application/pdf":
            from services.intake.cleaning.papers import clean_paper as clean
        else:
            from services.intake.cleaning.pictures import clean_picture as clean
        sys.stdout.buffer.write(clean(content))
    except Refused as refusal:
        sys.stderr.write(refusal.code)
        sys.exit(REFUSES)
    except MemoryError:
        sys.stderr.write("too_large")
        sys.exit(REFUSES)


if __name__ == "__main__":
    main()
