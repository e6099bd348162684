"""Two records are compared: what agrees counts for one person, what differs against, what is unknown not at all."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.intake.matching import REASONS, VERSION, Comparison, Place, Prepared, Record, Relative, compare, prepare

AHMED = Record(
    ("Ahmed Hassan Ali",),
    "male",
    date(1990, 5, 3),
    date(1990, 5, 3),
    nationality="SDN",
    places=(Place("Nyala"),),
    father="Hassan",
    mother="Zainab",
)


def comparison(one: Record, other: Record) -> Comparison:
    return compare(prepare(one), prepare(other))


def bits(found: Comparison, field: str) -> float:
    return next(term.bits for term in found.terms if term.field == field)


names = st.sampled_from(
    [
        "Ahmed Ali",
        "أحمد علي",
        "Ахмед Али",
        "Maria Garcia",
        "ሃይማኖት ወርቄ",
        "রহিমা বেগম",
        "王小明",
        "김온아",
        "A. Ali",
        "",
        "—",
    ]
)
days = st.none() | st.dates(date(1950, 1, 1), date(2020, 1, 1))
records = st.builds(
    lambda name, sex, day, nation, place, father, marks: Record(
        (name,), sex, day, day, False, nation, (Place(place),) if place else (), father, None, (), marks
    ),
    names,
    st.sampled_from(["female", "male", "unknown", "other"]),
    days,
    st.sampled_from([None, "SDN", "ETH"]),
    st.sampled_from([None, "Nyala", "حلب"]),
    st.sampled_from([None, "Hassan", "حسن"]),
    st.sampled_from([None, "scar on the left hand"]),
)


@settings(max_examples=60, deadline=None)
@given(records, records)
def test_the_terms_add_up_to_the_score_whichever_comes_first(one: Record, other: Record) -> None:
    found, turned = comparison(one, other), comparison(other, one)
    assert sum(term.bits for term in found.terms) == found.score
    assert 0 <= found.probability <= 1
    assert turned.score == pytest.approx(found.score, abs=1e-6)
    assert {term.reason for term in found.terms} <= set(REASONS)


@settings(max_examples=40, deadline=None)
@given(records)
def test_what_was_prepared_comes_back_from_its_bytes(record: Record) -> None:
    prepared = prepare(record)
    assert Prepared.from_bytes(prepared.to_bytes()) == prepared


@pytest.mark.parametrize("document", [b"", b"{}", b"[0]", b"[999,[],0,null,0,null,[],[],[],[],[]]", b"\xff"])
def test_bytes_of_another_version_are_refused(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"record|version"):
        Prepared.from_bytes(document)


@pytest.mark.parametrize(
    "fields",
    [[], [[["a"]], 0, None, 0, None, [], "", "", [], []], [[], 9, None, 0, None, [], "", "", [], []], [1] * 10],
)
def test_bytes_of_this_version_that_are_no_record_are_refused(fields: list[object]) -> None:
    with pytest.raises(ValueError, match="no prepared record"):
        Prepared.from_bytes(json.dumps([VERSION, *fields]).encode())


def test_what_is_not_known_says_nothing() -> None:
    found = comparison(AHMED, Record(("Ahmed Hassan Ali",)))
    assert {term.field: term.bits for term in found.terms if term.evidence == "unknown" and term.field != "prior"} == (
        dict.fromkeys(("birth", "sex", "nationality", "place", "father", "mother", "relatives", "marks"), 0.0)
    )


@pytest.mark.parametrize(
    ("native", "latin"),
    [
        ("محمد أحمد الخوري", "Mohamed Ahmad El Khoury"),
        ("Олександр Шевченко", "Oleksandr Shevchenko"),
        ("Сергей Лавров", "Sergey Lavrov"),
        ("ሃይማኖት ወርቄ", "Haymanot Worke"),
        ("রহিমা বেগম", "Rahima Begum"),
        ("王小明", "Wang Xiaoming"),
        ("김경원", "Kim Kyung-Won"),
        ("אברהם כהן", "Avraham Cohen"),
        ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos"),
        ("გიორგი მამულაშვილი", "Giorgi Mamulashvili"),
    ],
)
def test_a_name_is_heard_across_scripts(native: str, latin: str) -> None:
    same = bits(comparison(Record((native,)), Record((latin,))), "name")
    other = bits(comparison(Record((native,)), Record(("Fernando Gutierrez",))), "name")
    assert same > 0 > other


@pytest.mark.parametrize(
    "written",
    ["Hassan Ali Ahmed", "AHMED HASSAN ALY", "Ahmad Hasan", "Ahmed-Hassan Ali", "Ahmedhassan Ali", "A. Hassan Ali"],
)
def test_order_joining_initials_and_spelling_are_forgiven(written: str) -> None:
    whole = comparison(AHMED, Record((written,)))
    assert bits(whole, "name") > bits(comparison(AHMED, Record(("Karim Nasser Omar",))), "name")


def test_another_part_in_its_place_counts_against() -> None:
    same = bits(comparison(Record(("Ahmed Hassan Ali",)), Record(("Ahmed Hassan",))), "name")
    another = bits(comparison(Record(("Ahmed Hassan Ali",)), Record(("Ahmed Hassan Koroma",))), "name")
    assert another < same


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"sex": "female"}, "sex"),
        ({"nationality": "NGA"}, "nationality"),
        ({"born_from": date(1975, 1, 1), "born_to": date(1975, 12, 31)}, "birth"),
        ({"mother": "Beatriz"}, "mother"),
        ({"father": "Beatriz"}, "father"),
    ],
)
def test_what_differs_counts_against(changed: dict[str, object], field: str) -> None:
    facts = {name: getattr(AHMED, name) for name in AHMED.__slots__} | changed
    found, same = comparison(AHMED, Record(**facts)), comparison(AHMED, AHMED)
    assert found.score < same.score
    assert bits(found, field) < 0


def test_the_father_may_stand_in_the_name() -> None:
    found = comparison(Record(("Worke Asrat",), father="Taddese"), Record(("ወርቄ ታደሰ አስራት",)))
    assert next(term.reason for term in found.terms if term.field == "father") == "father_in_name"


def test_day_and_month_may_be_swapped_and_an_age_fits() -> None:
    swapped = comparison(AHMED, Record(("Ahmed",), born_from=date(1990, 3, 5), born_to=date(1990, 3, 5)))
    aged = comparison(AHMED, Record(("Ahmed",), born_from=date(1989, 6, 1), born_to=date(1990, 5, 31), stated_age=True))
    assert [next(t.reason for t in one.terms if t.field == "birth") for one in (swapped, aged)] == [
        "day_and_month_swapped",
        "age_fits",
    ]
    assert bits(swapped, "birth") > 0 < bits(aged, "birth")


def test_nobody_is_in_two_places_on_one_day() -> None:
    here = Record(("Ahmed",), places=(Place("A", day=date(2026, 1, 1), at=(12.05, 24.88)),))
    there = Record(("Ahmed",), places=(Place("B", day=date(2026, 1, 1), at=(36.2, 37.16)),))
    later = Record(("Ahmed",), places=(Place("B", day=date(2026, 3, 1), at=(36.2, 37.16)),))
    assert bits(comparison(here, there), "place") < -3
    assert bits(comparison(here, later), "place") > -3
    assert bits(comparison(here, here), "place") > 0


def test_families_raise_each_others_score() -> None:
    one = Record(("Ahmed Ali",), relatives=(Relative("spouse", ("Halima Osman",)), Relative("child", ("Idris Ahmed",))))
    other = Record(("Ahmad Ali",), relatives=(Relative("spouse", ("Haleema Usman",)),))
    alone = Record(("Ahmad Ali",))
    assert comparison(one, other).score > comparison(one, alone).score


def test_a_term_holds_no_value_of_either_record() -> None:
    found = comparison(AHMED, AHMED)
    written = repr(found).casefold()
    assert not [one for one in ("ahmed", "hassan", "zainab", "nyala", "sdn", "1990") if one in written]


def born(*birth: object, **more: object) -> Record:
    year = [value for value in birth if isinstance(value, int)]
    first, last = (date(year[0], 1, 1), date(year[-1], 12, 31)) if year else birth
    return Record(("Taddese Haymanot",), born_from=first, born_to=last, **more)  # type: ignore[arg-type]


def birth_term(one: Record, other: Record) -> tuple[str, float]:
    return next((term.reason, term.bits) for term in comparison(one, other).terms if term.field == "birth")


def test_two_whole_dates_a_year_apart_speak_against_and_two_years_do_not() -> None:
    dates = birth_term(born(date(1990, 5, 3), date(1990, 5, 3)), born(date(1991, 7, 9), date(1991, 7, 9)))
    years = birth_term(born(1990), born(1991))
    assert dates[0] == years[0] == "one_year_apart"
    assert dates[1] < 0 < years[1]


def test_an_age_speaks_by_how_far_its_likeliest_year_is_off() -> None:
    aged = born(1989, 1990, stated_age=True)
    exactly, nearly, apart = (birth_term(aged, born(year)) for year in (1990, 1989, 1998))
    assert exactly[0] == nearly[0] == "age_fits"
    assert exactly[1] > nearly[1] > 0 > apart[1]


def test_a_year_of_the_ethiopian_calendar_is_known_for_one() -> None:
    there, here = born(1989, nationality="ETH"), born(date(1997, 1, 1), date(1997, 1, 1))
    assert birth_term(there, here)[0] == "other_calendar"
    assert birth_term(there, here)[1] > birth_term(born(1989), here)[1]
    for other in (born(1997, nationality="SDN"), born(1999, nationality="ETH"), born(1995, nationality="ETH")):
        assert (
            birth_term(born(1989, nationality="SDN") if other.nationality == "SDN" else there, other)[0] == "far_apart"
        )
    exact = born(date(1989, 4, 4), date(1989, 4, 4), nationality="ETH")
    assert birth_term(exact, born(1997))[0] == "far_apart", "a whole date is of the calendar of its day"


@pytest.mark.parametrize(("one", "other"), [("Aleppo", "Halab"), ("Addis Ababa", "Finfinne"), ("Kyiv", "Kiev")])
def test_a_place_is_known_by_its_other_name(one: str, other: str) -> None:
    found = comparison(Record(("Ahmed",), places=(Place(one),)), Record(("Ahmed",), places=(Place(other),)))
    assert bits(found, "place") > 0
