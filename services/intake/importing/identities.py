"""A lasting name for each row of a file, so that reading the file again recognises every row."""

from collections.abc import Sequence
from hashlib import sha256


class Identities:
    """Identities of the rows of one file, given in the file's order.

    The identity is the SHA-256, in hexadecimal, of the row's canonical cells, '#' and its ordinal (1, 2,
    ...) among the identical rows so far: two equal rows are two records, and stay the same two when the
    file is read again. Cells are canonical when stripped and in the order of their columns' names (equal
    or empty names: of their places), so it does not depend on the order of columns, the separator,
    quoting or line ends. All columns count, read or not.

    Costs memory for a 16-byte digest and a number per distinct row.
    """

    def __init__(self, names: Sequence[str]) -> None:
        """`names` of all columns in the file's order, '' for an unnamed one."""
        named = [name or f"#{index}" for index, name in enumerate(names)]
        self._order = sorted(range(len(named)), key=lambda index: (named[index], index))
        self._names = _joined([*(named[index] for index in self._order), ""])
        self._seen: dict[bytes, int] = {}

    def of_cells(self, cells: Sequence[str]) -> str:
        """The identity of a row; its cells are stripped."""
        return self._numbered(self._names + _joined([cells[index] for index in self._order]))

    def of_broken(self, digest: bytes) -> str:
        """The identity of a line without readable cells, from the digest of its bytes."""
        return self._numbered(b"broken" + digest)

    def _numbered(self, content: bytes) -> str:
        identity = sha256(content)
        key = identity.digest()[:16]
        ordinal = self._seen[key] = self._seen.get(key, 0) + 1
        identity.update(b"#%d" % ordinal)
        return identity.hexdigest()


def _joined(texts: list[str]) -> bytes:
    """All texts in one; no two lists give the same bytes, as U+D800 never comes out of decoding a file."""
    return "\ud800".join(texts).encode("utf-8", "surrogatepass")
