"""An index in memory, for training and figures: what `services.intake.queries` asks a database for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from services.intake.matching.keys import blocking_keys
from services.intake.matching.prepared import Prepared
from services.intake.matching.ranking import MOST_OF_KEY, Holders, traits_of


class MemoryIndex:
    """Records by number, and who holds each key."""

    def __init__(self, records: Sequence[Prepared]) -> None:
        self.records = records
        self.keys = 0
        """Of all records."""
        held: dict[str, list[int]] = defaultdict(list)
        for number, record in enumerate(records):
            for key in blocking_keys(record):
                held[key].append(number)
                self.keys += 1
        traits = np.array([traits_of(record) for record in records], dtype=np.int64)
        self._holders = {}
        for key, numbers in held.items():
            newest = np.array(numbers[-MOST_OF_KEY:], dtype=np.int64)
            self._holders[key] = Holders(newest, traits[newest])

    def holders(self, asked: Prepared) -> Mapping[str, Holders]:
        """Who holds each key of a record."""
        held = self._holders
        return {key: held[key] for key in blocking_keys(asked) if key in held}
