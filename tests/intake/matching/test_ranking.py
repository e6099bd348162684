"""How rare a part of a name is, as an index counts it; who is worth opening, and hearing."""

from __future__ import annotations

import numpy as np
import pytest

from services.intake.matching import Record, prepare, ranking
from services.intake.matching.ranking import (
    COMPARED,
    LEAST_COMPARED,
    MOST_OF_KEY,
    WORTH_OPENING,
    Holders,
    Likely,
    rank,
    rarity_in,
)
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


def likely(*scores: float) -> Likely:
    return Likely(np.arange(len(scores)), np.array(scores))


def test_who_is_much_less_likely_than_the_likeliest_is_not_worth_opening() -> None:
    near = [WORTH_OPENING] * (LEAST_COMPARED + 20)
    assert likely(*near, 0.0, -0.1, -5).worth_opening() == len(near) + 1


def test_no_fewer_are_opened_than_a_hundred_and_no_more_than_six() -> None:
    assert likely(90.0, *[0.0] * COMPARED).worth_opening() == LEAST_COMPARED
    assert likely(*[0.0] * (COMPARED + 1)).worth_opening() == COMPARED
    assert likely(90.0, 0.0).worth_opening() == 2
    assert likely().worth_opening() == 0


def test_what_is_worth_opening_is_measured_by_the_one_that_is_told() -> None:
    assert likely(90.0, *[0.0] * 300).worth_opening(1) == 301


def test_of_many_only_those_worth_hearing_are_ranked_and_whoever_must_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "LEAST_HEARD", 1)
    monkeypatch.setattr(ranking, "WORTH_HEARING", 1.0)
    names = {1: "Zubeida Quillfeather", 2: "Zubeida Oxenstierna", 3: "Bartholomew Oxenstierna"}
    candidates = {number: prepare(Record((name,))) for number, name in names.items()}
    asked = prepare(Record((names[1],)))
    assert [one.id for one in rank(asked, candidates)] == [1]
    assert [one.id for one in rank(asked, candidates, always=[3, 4])] == [1, 3]
