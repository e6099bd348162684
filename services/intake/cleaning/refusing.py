"""How the cleaner refuses."""

REFUSES = 3
"""Its exit code; standard error is then the code of the reason (`casework.attachments.REFUSED`)."""


class Refused(Exception):  # it is said, not an error of ours
    """It may not be kept."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
