"""The matcher is trained and judged: figures are what they say they are, and bad samples are named."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from kinbridge.cli import app
from services.intake.matching import Record, blocking_keys, prepare, rank
from services.intake.matching.channels import Channel, heard_as
from services.intake.matching.fitting import fit
from services.intake.matching.lab import scripts
from services.intake.matching.lab.evaluating import (
    average_precision,
    calibration_error,
    evaluate_names,
    evaluate_tracing,
    f1_at,
)
from services.intake.matching.lab.letters import learn_channel
from services.intake.matching.lab.memory_index import MemoryIndex
from services.intake.matching.lab.samples import Tracing, held_out, read_names, read_tracing
from services.intake.matching.lab.training import train
from services.intake.matching.ranking import likely_candidates
from services.intake.matching.weights import FOLDER
from tests.samples import sample_data

SOUGHT = {"id": "S1", "name": "Musa Jallow", "sex": "M", "birth": {"year": 1990}, "place_origin": "Kayes"}
TRUE = {"id": "R1", "name": "DIALLO MOUSSA", "sex": "M", "birth": {"age": 34, "as_of": 2024}, "place_origin": "Kayes"}
OTHER = {"id": "R2", "name": "Maria Garcia", "sex": "F", "birth": {"date": "1971-02-03"}}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Tracing samples of one request and two records."""
    (tmp_path / "sought.jsonl").write_text(json.dumps(SOUGHT) + "\n")
    (tmp_path / "registered.jsonl").write_text(json.dumps(TRUE) + "\n" + json.dumps(OTHER) + "\n")
    (tmp_path / "truth.tsv").write_text("sought\tregistered\nS1\tR1\n")
    return tmp_path


def kinbridge(*words: object) -> str:
    done = CliRunner().invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_average_precision_f1_and_calibration_are_the_textbooks() -> None:
    matches, scores = np.array([True, False, True, False]), np.array([0.9, 0.8, 0.7, 0.1])
    assert average_precision(matches, scores) == pytest.approx((1 / 1 + 2 / 3) / 2)
    assert average_precision(matches, np.zeros(4)) == pytest.approx(0.5)
    assert f1_at(matches, scores, 0.75) == pytest.approx(0.5)
    assert f1_at(matches, scores, 2) == 0
    assert calibration_error([(0.5, True), (0.5, False)] * 100) == pytest.approx(0)
    assert calibration_error([(0.9, False)] * 100) == pytest.approx(0.9)
    assert calibration_error([]) == 0


def test_weights_are_fitted_and_keep_their_side() -> None:
    draw = np.random.default_rng(5)
    rows = draw.normal(size=(4000, 2))
    chances = 1 / (1 + 2.0 ** -(0.5 + 1.5 * rows[:, 0] - 1.0 * rows[:, 1]))
    matches = (draw.random(4000) < chances).astype(float)
    free, bound = fit(rows, matches), fit(rows, matches, signs=(1, 1))
    assert free.constant == pytest.approx(0.5, abs=0.2)
    assert free.weights == pytest.approx([1.5, -1.0], abs=0.2)
    assert bound.weights[0] > 0 == bound.weights[1]


def test_letters_are_learned_from_pairs_of_words() -> None:
    heard = learn_channel([("ша", "sha"), ("шам", "sham"), ("маш", "mash"), ("ам", "am"), ("ма", "ma")] * 4)
    assert max(heard["ш"], key=lambda letters: heard["ш"][letters]) == "sh"
    likely, unlikely = heard_as(Channel.of(heard), [("шам", "sham"), ("шам", "kam")])
    assert likely > unlikely + 5


def test_a_word_scores_the_same_alone_and_in_a_batch() -> None:
    channel = Channel.of({"a": {"a": 0.9}, "b": {"b": 0.8}, "^": {"": 0.9}, "$": {"": 0.9}})
    pairs = [("ab", "ab"), ("abbbbbbba", "ab"), ("a", "abababab"), ("ab", "zz"), ("", "a"), ("a" * 99, "a" * 99)]
    alone = [float(heard_as(channel, [pair])[0]) for pair in pairs]
    assert heard_as(channel, pairs).tolist() == pytest.approx(alone)


def test_what_was_learned_holds_no_name() -> None:
    letters = json.loads((FOLDER / "letters.json").read_text("utf-8"))
    weights = json.loads((FOLDER / "weights.json").read_text("utf-8"))
    for heard in letters["channels"].values():
        assert all(len(letter) == 1 and all(len(latin) <= 3 for latin in found) for letter, found in heard.items())
    assert all(len(pair) == 2 for pair in letters["pairs"])
    assert all(len(bare) == 1 or not re.search("[aeiou]", bare) for bare in weights["common"])


def test_a_request_finds_its_record_and_says_why(folder: Path) -> None:
    figures = evaluate_tracing(read_tracing(folder), everything=True)
    assert (figures.requests, figures.recall) == (1, {1: 1.0, 10: 1.0, 100: 1.0})
    said = kinbridge("match", "evaluate", "--tracing", folder, "--all")
    assert re.search(r"^recall@1 1\.000$", said, re.MULTILINE)
    assert re.search(r"^latency p95 ms \d", said, re.MULTILINE)


def test_explain_prints_terms_that_add_up(tmp_path: Path) -> None:
    for name, record in (("a", SOUGHT), ("b", TRUE)):
        (tmp_path / f"{name}.json").write_text(json.dumps(record))
    found = json.loads(kinbridge("match", "explain", tmp_path / "a.json", tmp_path / "b.json", "--json"))
    assert sum(term["bits"] for term in found["terms"]) == found["score"]
    said = kinbridge("match", "explain", tmp_path / "a.json", tmp_path / "b.json")
    assert "The stated age fits." in said


def test_bad_samples_are_named_with_their_line(folder: Path, tmp_path: Path) -> None:
    (folder / "registered.jsonl").write_text(json.dumps(TRUE) + "\n{}\n")
    with pytest.raises(ValueError, match=r"registered\.jsonl, line 2"):
        read_tracing(folder)
    (tmp_path / "names.tsv").write_text("name1\tname2\tmatch\na\tb\tyes\n")
    with pytest.raises(ValueError, match=r"names\.tsv, line 2"):
        read_names(tmp_path / "names.tsv")
    (folder / "registered.jsonl").unlink()
    with pytest.raises(FileNotFoundError, match="registered"):
        read_tracing(folder)


def test_the_held_out_fifth_is_the_same_everywhere() -> None:
    assert [held_out(name) for name in ("S000000", "S000001", "S000002")] == [held_out(f"S{n:06}") for n in range(3)]
    assert 150 < sum(held_out(str(number)) for number in range(1000)) < 250


def test_keys_meet_across_scripts_years_and_parents() -> None:
    latin = prepare(Record(("Musa Ahmed",), mother="Aisha"))
    arabic = prepare(Record(("أحمد موسى",), mother="عائشة"))
    shared = set(blocking_keys(latin)) & set(blocking_keys(arabic))
    assert {key.partition(" ")[0] for key in shared} >= {"part", "pair", "mother"}


def test_training_without_a_request_to_learn_from_says_so(folder: Path, tmp_path: Path) -> None:
    names = tmp_path / "pairs"
    names.mkdir()
    pairs = [f"Musa Jallow{n}\tMoussa Jallow{n}\t1\nMusa Jallow{n}\tPedro Gomez{n}\t0\n" for n in range(20)]
    (names / "few.tsv").write_text("name1\tname2\tmatch\n" + "".join(pairs))
    (folder / "truth.tsv").write_text("sought\tregistered\n")
    with pytest.raises(ValueError, match="no true link"):
        train(names, folder, tmp_path / "new", lambda _: None)


def test_the_samples_reach_what_is_promised() -> None:
    """A part of what `kinbridge match evaluate` prints, on real files; the whole is in the benchmark."""
    for name, least in (("p6_arabic_token", 0.93), ("p6_russian_token", 0.91), ("p4_korean_fullname", 0.92)):
        pairs = read_names(sample_data("names") / f"{name}.tsv")[::4]
        assert evaluate_names(pairs).average_precision >= least, name
    assert evaluate_names(read_names(sample_data("names") / "p1_namebench_person.tsv")).f1 >= 0.87


def test_of_real_requests_the_true_record_is_ranked_high() -> None:
    whole = read_tracing(sample_data("tracing"))
    asked = [name for name in whole.truth if held_out(name)][:60]
    some = dict(list(whole.registered.items())[::7])
    some |= {record: whole.registered[record] for name in asked for record in whole.truth[name]}
    part = Tracing({name: whole.sought[name] for name in asked}, some, {name: whole.truth[name] for name in asked})
    figures = evaluate_tracing(part)
    assert figures.recall[1] >= 0.75
    assert figures.recall[10] >= 0.92


def test_more_candidates_than_are_heard_leaves_the_likest() -> None:
    records = [prepare(Record((f"{name} Koroma",))) for name in ("Fatmata", "Isata", "Mohamed", "Abu", "Sorie") * 60]
    records.append(prepare(Record(("فاطماتا كوروما",))))
    index = MemoryIndex(records)
    asked = prepare(Record(("Fatmata Koroma",)))
    numbers = likely_candidates(asked, index.holders(asked), len(records)).numbers
    ranked = rank(asked, {int(number): index.records[number] for number in numbers})
    assert [index.records[one.id].names[0][0].latin[0] for one in ranked[:20]] == ["fatmata"] * 20


def test_from_script_to_script_any_known_writing_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "NAMES", 60)
    held = [name for name in map(str, range(200)) if held_out(name)]
    registered = {
        held[0]: Record(("Олена Шевченко", "Alena Szewczenko")),
        "other": Record(("Шевченко Олена", "Olena Shevchenko")),
        held[1]: Record(("Тимур", "Timur Kovalenko")),
        held[2]: Record(("Мария Коваленко", "Boris Popov")),
    }
    found = scripts.evaluate_scripts(Tracing({}, registered, {}), ("Cyrl", "Arab"))
    assert found["native Cyrl asked"] == 1, "forms of other parts, and of another name, are not asked for"
    assert found["native Cyrl first"] == 1
    assert found["native Cyrl first, own writing"] == 0 < found["native Cyrl first ten, own writing"]
    assert not [title for title in found if "Arab" in title]
