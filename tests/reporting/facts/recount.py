"""Every figure counted again, slowly, from the raw log. It shares no code with what counts in the product."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from shared.crypto import KeyRing


def read_log(feed: Any, keys: KeyRing) -> list[dict[str, Any]]:
    """Each event as plain JSON values, cases each in their order."""
    events = []
    for partition in range(8):
        at = 0
        while page := feed.page(partition, at, 500):
            at = page[-1].position
            for one in page:
                header = json.loads(one.parts.header)
                plain = keys.decrypt(header["keyid"], one.parts.nonce, one.parts.payload, one.parts.header.encode())
                events.append(
                    json.loads(plain)
                    | {"figures": json.loads(one.parts.counts), "type": header["type"], "at": header["time"]}
                    | {"org": header["organisation"], "case": header["subject"].partition("/")[2]}
                    | {"person": header.get("person"), "place_in_log": (partition, one.position)}
                )
    return events


class Recount:
    """What one organisation, or one of its grants, did in a period."""

    def __init__(
        self,
        events: list[dict[str, Any]],
        org: str,
        grant: str | None,
        countries: tuple[str, ...],
        zone: str,
        first: date,
        last: date,
    ) -> None:
        self.events, self.org, self.grant, self.countries = events, org, grant, countries
        self.zone, self.first, self.last = ZoneInfo(zone), first, last

    def within(self, day: date) -> bool:
        return self.first <= day <= self.last

    def day(self, moment: str) -> date:
        return datetime.fromisoformat(moment).astimezone(self.zone).date()

    def here(self, place: str | None) -> bool:
        return not self.countries or (place is not None and place[:3] in self.countries)

    # services

    @cached_property
    def services(self) -> list[dict[str, Any]]:
        """The deliveries that count, as they are known at the end of the log."""
        known: dict[str, dict[str, Any]] = {}
        for event in self.events:
            if event["type"] == "service.delivered":
                known[event["service_id"]] = event
            elif event["type"] == "service.corrected":
                was = known.pop(event["service_id"])
                if not event["cancelled"]:
                    known[event["service_id"]] = event | {"place_in_log": was["place_in_log"]}
        return [
            one
            for one in known.values()
            if one["org"] == self.org
            and self.within(date.fromisoformat(one["delivered_on"]))
            and (self.grant is None or self.grant in [part["grant"] for part in one["grants"]])
        ]

    def service_figure(self, what: str, *categories: str) -> tuple[int, Fraction, Counter[Any]]:
        """(total, attributed, people or others by every dimension), of these categories, or of all."""
        total, attributed, by = 0, Fraction(0), Counter[Any]()
        for one in self.services:
            if categories and self.category(one) not in categories:
                continue
            amount = {"services": 1, **one["figures"]}[what]
            total += amount
            for part in one["grants"]:
                if part["grant"] == self.grant:
                    attributed += Fraction(part["per_cent"]) / 100 * amount
            by["place", one["place"] or "unknown"] += amount
            by["modality", one["modality"] or "unknown"] += amount
            if what == "people":
                self.tell_apart(by, one)
        return total, attributed, by

    def category(self, one: dict[str, Any]) -> str:
        childs = one["category"] == "reunification" and one["case_type"] == "child"
        return "child_reunification" if childs else str(one["category"])

    def tell_apart(self, by: Counter[Any], one: dict[str, Any]) -> None:
        left = one["figures"]["people"]
        for cell in one["people"]:
            left -= cell["count"]
            for key in keys_of(cell):
                by[key] += cell["count"]
        for key in keys_of({}):
            by[key] += left

    def places(self, *categories: str) -> int:
        counted = [one for one in self.services if not categories or self.category(one) in categories]
        return len({one["place"] for one in counted} - {None})

    def unique(self, *categories: str) -> tuple[int, int, Counter[Any]]:
        """(people, of them without a token, by every dimension)."""
        gone = {event["person"] for event in self.events if event["type"] == "person.erased"}
        latest: dict[str, tuple[Any, list[Any]]] = {}
        without, by = 0, Counter[Any]()
        for one in self.services:
            if categories and self.category(one) not in categories:
                continue
            where = [("place", one["place"] or "unknown"), ("modality", one["modality"] or "unknown")]
            others = one["figures"]["people"]
            for number, cell in enumerate(one["people"]):
                known = [person for person in cell["persons"] if person not in gone]
                others -= cell["count"]
                without += cell["count"] - len(known)
                for key in [*keys_of(cell), *where]:
                    by[key] += cell["count"] - len(known)
                for person in known:
                    rank = one["delivered_on"], one["case"], one["place_in_log"][1], number
                    if person not in latest or latest[person][0] < rank:
                        latest[person] = rank, [*keys_of(cell), *where]
            without += others
            for key in [*keys_of({}), *where]:
                by[key] += others
        for _, keys in latest.values():
            for key in keys:
                by[key] += 1
        return without + len(latest), without, by

    # cases

    @cached_property
    def cases(self) -> dict[str, dict[str, Any]]:
        """Each case with its turns: (day, state, organisation, closed on, reason)."""
        cases: dict[str, dict[str, Any]] = {}
        for event in self.events:
            one = cases.setdefault(event["case"], {"turns": [], "type": None, "place": None})
            turns, moment = one["turns"], self.day(event["at"])
            match event["type"]:
                case "case.submitted":
                    on = date.fromisoformat(event["submitted_on"])
                    one |= {"type": event["case_type"], "on": on, "place": event["place"], "org": event["org"]}
                    turns.append((on, "open", event["org"], None, None))
                case "case.updated" if event["what"] == "update":
                    one["place"] = event["place"]
                case "case.closed":
                    on = date.fromisoformat(event["closed_on"])
                    turns.append((on, "closed", event["org"], on, event["reason"]))
                case "case.status_changed" if event["move"] == "reopen":
                    turns.append((moment, "open", event["org"], None, None))
                case "case.merged":
                    turns.append((moment, "merged", event["org"], None, None))
                case "case.merge_undone":
                    _, state, _, on, reason = [turn for turn in turns if turn[1] != "merged"][-1]
                    turns.append((moment, state, event["org"], on, reason))
                case "transfer.accepted":
                    turns.append((moment, turns[-1][1], event["receiver_id"], *turns[-1][3:]))
        return {case: one for case, one in cases.items() if one["type"] is not None and self.here(one["place"])}

    def stand(self, one: dict[str, Any]) -> tuple[Any, ...]:
        """How the case stands at the end of the period."""
        return next((turn for turn in reversed(one["turns"]) if turn[0] <= self.last), (None,) * 5)

    def opened(self, kind: str | None = None) -> int:
        return sum(
            one["org"] == self.org and self.within(one["on"]) and self.stand(one)[1] != "merged"
            for one in self.cases.values()
            if kind in (None, one["type"])
        )

    @cached_property
    def closed(self) -> list[tuple[str, dict[str, Any], str | None]]:
        """(case, itself, reason)."""
        found = []
        for case, one in self.cases.items():
            _, state, org, on, reason = self.stand(one)
            if state == "closed" and org == self.org and self.within(on):
                found.append((case, one | {"closed_on": on}, reason))
        return found

    def days_to_close(self) -> Fraction | None:
        days = [(one["closed_on"] - one["on"]).days for _, one, _ in self.closed]
        return Fraction(sum(days), len(days)) if days else None

    def open_at_end(self, kind: str | None = None) -> int:
        standing = [self.stand(one) for one in self.cases.values() if kind in (None, one["type"])]
        return sum(stand[1:3] == ("open", self.org) for stand in standing)

    def closure_rate(self) -> Fraction | None:
        worked_on = {
            case
            for case, one in self.cases.items()
            if self.stand(one)[1] != "merged"
            and any(
                turn[1:3] == ("open", self.org)
                and turn[0] <= self.last
                and all(later[0] >= self.first for later in one["turns"][number + 1 :])
                for number, turn in enumerate(one["turns"])
            )
        }
        closed = {case for case, _, _ in self.closed} & worked_on
        return Fraction(100 * len(closed), len(worked_on)) if worked_on else None

    # the rest

    def told(self) -> tuple[int, int]:
        """(releases, told in time)."""
        places = {case: one["place"] for case, one in self.cases.items()}
        released = in_time = 0
        for number, event in enumerate(self.events):
            mine = event["type"] == "news.released" and event["org"] == self.org and event["case"] in places
            if mine and self.within(self.day(event["at"])):
                released += 1
                rest = [one for one in self.events[number:] if one["case"] == event["case"]]
                answer = next((one["told_on"] for one in rest if one["type"] == "family.told"), None)
                by = self.day(event["at"]) + timedelta(days=1)
                in_time += answer is not None and date.fromisoformat(answer) <= by
        return released, in_time

    def referrals(self) -> tuple[int, int, int, Fraction | None]:
        """(sent, received, accepted, hours to the answer)."""
        sent = received = accepted = 0
        took: list[timedelta] = []
        offers = {one["referral_id"]: one for one in self.events if one["type"] == "referral.offered"}
        for event in self.events:
            kind, _, what = event["type"].partition(".")
            if kind != "referral" or not self.within(self.day(event["at"])):
                continue
            sent += what == "offered" and event["org"] == self.org
            received += what == "offered" and event["receiver_id"] == self.org
            if what in ("accepted", "declined") and event["receiver_id"] == self.org:
                accepted += what == "accepted"
                began = offers[event["referral_id"]]["at"]
                took.append(datetime.fromisoformat(event["at"]) - datetime.fromisoformat(began))
        hours = Fraction(sum(took, timedelta()) // timedelta(microseconds=1), 3_600_000_000)
        return sent, received, accepted, hours / len(took) if took else None

    def incidents(self) -> tuple[dict[str, int], Counter[tuple[str, str, str]]]:
        """(incidents, dead, missing, survivors; each of them by route and by quality of source)."""
        known: dict[str, dict[str, Any]] = {}
        for event in self.events:
            if event["type"] == "incident.source_assessed":
                known[event["case"]] |= {"quality": event["level"]}
            elif event["type"].startswith("incident."):
                known[event["case"]] = event | {"quality": known.get(event["case"], {}).get("quality")}
        figures, by = dict.fromkeys(("incidents", "dead", "missing", "survivors"), 0), Counter[tuple[str, str, str]]()
        for one in known.values():
            first, last = (date.fromisoformat(one[name]) for name in ("occurred_from", "occurred_to"))
            if one["org"] != self.org or first < self.first or last > self.last:
                continue
            for what in figures:
                figure = 1 if what == "incidents" else one["figures"][what] or 0
                figures[what] += figure
                by[what, "route", one["route"] or "unknown"] += figure
                by[what, "source_quality", one["quality"] or "unknown"] += figure
        return figures, by


def keys_of(cell: dict[str, Any]) -> list[tuple[str, str]]:
    """The categories of people of one cell."""
    sex, age, disability = (cell.get(name) or "unknown" for name in ("sex", "age_band", "disability"))
    return [
        ("sex", sex),
        ("age", age),
        ("disability", disability),
        ("sex_age_disability", f"{sex}|{age}|{disability}"),
        ("nationality", cell.get("nationality") or "unknown"),
        ("legal_status", cell.get("legal_status") or "unknown"),
    ]
