"""My work: what is overdue, due, waiting, and what was begun."""

from __future__ import annotations

from fastapi import APIRouter, Response

from services.intake.casework import CASE_TYPES
from services.intake.pages.agreements import waiting_for
from services.intake.pages.desk import Desk
from services.intake.pages.family_shown import FAMILY_WORDS
from services.intake.pages.matching_rows import late as matches_in_delay
from services.intake.pages.matching_rows import waiting as waiting_matches
from services.intake.pages.referral_rows import rows
from services.intake.pages.visits import Visited
from services.intake.queries import complaints, drafts, protection, referrals, work
from services.intake.queries.directory import services_to_confirm
from services.intake.queries.duplicates import warning_count
from services.intake.queries.family import task_count, tasks
from shared.access import Act
from shared.database import utc_now


def add_to(routes: APIRouter, desk: Desk) -> None:
    """The pages of this subject."""

    @routes.get("/my-work")
    def my_work(visit: Visited) -> Response:
        """Where a day begins."""
        with desk.seat(visit) as seat:
            to_confirm = services_to_confirm(seat.session, seat.actor) if seat.actor.may(Act.KEEP_DIRECTORY) else None
            if not seat.actor.may(Act.READ_CASES):
                return desk.page(
                    visit,
                    "no_cases.html",
                    seat,
                    may_read_agreements=seat.actor.may(Act.READ_AGREEMENTS),
                    to_confirm=to_confirm,
                    reads_directory=seat.actor.may(Act.READ_DIRECTORY),
                )
            today = utc_now().date()
            waiting = work.work(seat.session, seat.actor, today)
            begun = drafts.drafts(seat.session, seat.actor)
            requests = protection.subject_requests(seat.session, seat.actor)
            escalated = seat.actor.may(Act.REFER_CASES) and seat.actor.may(Act.ASSIGN_CASES)
            late = referrals.overdue(seat.session, seat.actor) if escalated else ()
            late_matches, late_match_count = matches_in_delay(seat, visit.language)
            merges = seat.actor.may(Act.MERGE_CASES)
            return desk.page(
                visit,
                "my_work.html",
                seat,
                work=waiting,
                begun=begun,
                today=today,
                types=CASE_TYPES,
                to_confirm=to_confirm,
                protecting=len(requests) + protection.undecided_erasure_count(seat.session, seat.actor),
                late_requests=sum(one.overdue for one in requests),
                referrals=referrals.waiting(seat.session, seat.actor) if seat.actor.may(Act.REFER_CASES) else None,
                matches=waiting_matches(seat),
                late_matches=late_matches,
                late_match_count=late_match_count,
                late_referrals=rows(seat, late, visit.language),
                agreements=waiting_for(seat) if seat.actor.may(Act.READ_AGREEMENTS) else None,
                family_tasks=tasks(seat.session, seat.actor, utc_now()),
                family_count=task_count(seat.session, seat.actor, utc_now()),
                family_words=FAMILY_WORDS,
                complaints=complaints.waiting(seat.session, seat.actor) if complaints.may_read(seat.actor) else None,
                duplicates=warning_count(seat.session, seat.actor) if merges else None,
            )
