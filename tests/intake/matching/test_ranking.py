"""How rare a part of a name is, as an index counts it."""

from __future__ import annotations

import numpy as np
import pytest

from services.intake.matching.ranking import MOST_OF_KEY, Holders, rarity_in
from services.intake.matching.weights import COMMON


def held_by(how_many: int) -> Holders:
    return Holders(np.arange(how_many), np.zeros(how_many, np.int64))


def test_a_part_is_as_rare_as_its_holders_are_few() -> None:
    assert rarity_in({"part zqx": held_by(2)}, 1024)["zqx"] == pytest.approx(9)


def test_a_part_with_more_holders_than_are_read_is_no_rarer_than_those_make_it() -> None:
    rarity = rarity_in({"part zqx": held_by(MOST_OF_KEY)}, MOST_OF_KEY * 8)
    assert rarity["zqx"] == pytest.approx(3)


def test_what_the_weights_know_as_commoner_than_can_be_counted_stays_so() -> None:
    skeleton, bits = min(COMMON.items(), key=lambda known: known[1])
    assert rarity_in({f"part {skeleton}": held_by(MOST_OF_KEY)}, MOST_OF_KEY * 2**20)[skeleton] == bits


def test_other_keys_say_nothing_of_a_part() -> None:
    assert "zqx" not in rarity_in({"pair zqx": held_by(2), "part abc": held_by(0)}, 1024)
