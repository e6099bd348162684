"""What a draft holds: answers about the case, people, and which pages were passed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from services.intake.casework import CASE_TYPES, CaseType
from services.intake.casework.questions import Question, questions
from services.intake.pages.people_asked import STEPS, described

Progress = str
NOT_BEGUN, BEGUN, DONE = "not_begun", "begun", "done"


@dataclass
class WrittenPerson:
    """A person in a draft. `key` names them in addresses, and says nothing."""

    key: str
    role: str
    person: dict[str, Any]
    passed: list[str]

    @property
    def progress(self) -> Progress:
        """How far the pages about this person went."""
        return _progress(self.passed, [one.name for one in STEPS])

    @property
    def name(self) -> str:
        """The main name, or nothing yet."""
        return next((one["full"] for one in self.person.get("names", ())), "")


@dataclass
class WrittenRelation:
    """Between two people of a draft: `person` is the `kind` of `other`, both by their keys."""

    person: str
    other: str
    kind: str


@dataclass
class Written:
    """The answers of a draft, to be changed and kept again."""

    kind: CaseType
    details: dict[str, Any]
    passed: list[str]
    people: list[WrittenPerson]
    relations: list[WrittenRelation] = field(default_factory=list)
    own: dict[str, Any] = field(default_factory=dict)
    """Answers to the organisation's own questions."""
    own_passed: bool = False

    @classmethod
    def begun(cls, type_: str) -> Written:
        """Nothing yet, and the people whom such a case must have."""
        new = cls(CASE_TYPES[type_], {}, [], [])
        for role, part in new.kind.people.items():
            for _ in range(part.least):
                new.add_person(role)
        return new

    @classmethod
    def kept(cls, type_: str, answers: Mapping[str, Any]) -> Written:
        """As a draft keeps it."""
        people = [WrittenPerson(**one) for one in answers.get("people", ())]
        relations = [WrittenRelation(**one) for one in answers.get("relations", ())]
        details, passed = dict(answers.get("details", {})), list(answers.get("passed", ()))
        own, own_passed = dict(answers.get("own", {})), bool(answers.get("own_passed"))
        return cls(CASE_TYPES[type_], details, passed, people, relations, own, own_passed)

    def to_keep(self) -> dict[str, Any]:
        """For the draft, as JSON."""
        people, relations = [vars(one) for one in self.people], [vars(one) for one in self.relations]
        about = {"details": self.details, "passed": self.passed, "own": self.own, "own_passed": self.own_passed}
        return {**about, "people": people, "relations": relations}

    def to_submit(self) -> dict[str, Any]:
        """The case as an organisation's system would send it."""
        if self.kind.facts is not None:
            return {"type": self.kind.name, "incident": self.details}
        people = [{"role": one.role, "person": described(one.person)} for one in self.people]
        place = {one.key: number for number, one in enumerate(self.people)}
        relations = [
            {"person": place[one.person], "other": place[one.other], "kind": one.kind} for one in self.relations
        ]
        bases = [
            {"person": number, "purpose": purpose, "basis": use["basis"]}
            for number, use in enumerate(one.person.get("use", {}) for one in self.people)
            for purpose in use.get("purposes", ())
        ]
        written = {"type": self.kind.name, "details": self.details, "people": people, "relations": relations}
        return {**written, "legal_bases": bases, **({"own": self.own} if self.own else {})}

    @property
    def questions(self) -> tuple[Question, ...]:
        """About the case."""
        return questions(self.kind.asked)

    @property
    def progress(self) -> Progress:
        """How far the questions about the case went."""
        return _progress(self.passed, [one.name for one in self.questions])

    def answer(self, name: str, answer: Any) -> None:
        """Keep the answer to a question about the case; None takes it away."""
        self.details.pop(name, None)
        if answer is not None:
            self.details[name] = answer
        pass_by(self.passed, name)

    def person(self, key: str) -> WrittenPerson | None:
        """The person of that key."""
        return next((one for one in self.people if one.key == key), None)

    def add_person(self, role: str) -> WrittenPerson | None:
        """One more in that role; None where there may be no more."""
        if role not in self.may_add:
            return None
        number = 1 + max((int(one.key) for one in self.people), default=0)
        new = WrittenPerson(str(number), role, {}, [])
        self.people.append(new)
        return new

    def remove_person(self, person: WrittenPerson) -> None:
        """Take somebody off, with how they are related to others."""
        self.people.remove(person)
        self.relations = [one for one in self.relations if person.key not in {one.person, one.other}]

    def relate(self, person: str, other: str, kind: str) -> None:
        """Say that one is that to the other; what was said of the two before is replaced."""
        kept = [one for one in self.relations if {one.person, one.other} != {person, other}]
        self.relations = [*kept, WrittenRelation(person, other, kind)]

    @property
    def may_add(self) -> list[str]:
        """The roles in which there may be one more."""
        counted = Counter(one.role for one in self.people)
        return [role for role, part in self.kind.people.items() if part.most is None or counted[role] < part.most]

    def may_remove(self, person: WrittenPerson) -> bool:
        """True where the case still has whom it must have without this one."""
        return sum(one.role == person.role for one in self.people) > self.kind.people[person.role].least


def pass_by(passed: list[str], name: str) -> None:
    """Note that a page was passed."""
    if name not in passed:
        passed.append(name)


def _progress(passed: Sequence[str], pages: Sequence[str]) -> Progress:
    if not passed:
        return NOT_BEGUN
    return DONE if set(pages) <= set(passed) else BEGUN
