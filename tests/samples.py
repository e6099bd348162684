"""The published sample data, which is no part of the repository."""

from pathlib import Path

from tests.servers import require_or_skip

FOLDER = "../shared/data"
REPOSITORY = Path(__file__).parents[1]


def sample_data(path: str) -> Path:
    """The file or folder `path` below the sample data; skips the test, naming the folder, where it is missing."""
    found = (REPOSITORY / FOLDER / path).resolve()
    require_or_skip("samples", None if found.exists() else f"the sample data {FOLDER}/{path} is missing")
    return found
