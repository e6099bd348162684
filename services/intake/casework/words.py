"""What codes are called, in the case worker's English words. Translators start from these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from services.intake.casework.attachments import ATTACHMENT_FORMS, ATTACHMENT_KINDS, REFUSED
from services.intake.casework.case_type import CaseType
from services.intake.casework.contacts import contact_words
from services.intake.casework.matching import BANDS, EVIDENCE, FIELDS, MATCH_FORMS, MATCH_WORDS, STEPS
from services.intake.casework.matching import STEP_WORDS as MATCH_STEP_WORDS
from services.intake.casework.matching import TIMELINE as MATCH_TIMELINE
from services.intake.casework.own_written import AskOwnField
from services.intake.casework.people import RELATIONS, PersonIn
from services.intake.casework.protection import (
    BASES,
    ERASURES,
    HOLDS,
    OUTCOMES,
    PROTECTION_FORMS,
    PURPOSES,
    REQUESTS,
    STOP_WORDS,
)
from services.intake.casework.questions import form_words
from services.intake.casework.referrals import REFERRAL_FORMS, REFERRAL_WORDS, STEP_TITLES, STEP_WORDS
from services.intake.casework.service_directory import directory_phrases
from services.intake.casework.transfers import TRANSFER_FORMS, TRANSFER_TITLES, TRANSFER_WORDS
from shared.legal import SENTENCES

REASONS: Mapping[str, str] = {
    "located": "The sought person was found, and the family was told",
    "fate_established": "The fate is known, and the family was told",
    "withdrawn": "The request was withdrawn",
    "no_further_means": "There are no further means",
    "unreachable": "The person can no longer be reached",
    "new_information": "There is new information",
    "closed_in_error": "It was closed in error",
    "entered_in_error": "It was entered in error",
    "figures_final": "The figures are final",
    "entered_twice": "It is another entry of the same",
    "needs_met": "What was needed was done",
    "nothing_needed": "Nothing was needed",
    "person_declines": "The person declines further help",
    "died": "The person died",
    "not_the_family": "They are not the child's family",
    "family_unable": "The family cannot care for the child",
    "not_in_best_interests": "It is not in the child's best interests",
    "at_risk": "The child is at risk",
    "care_broke_down": "The care arrangement broke down",
    "plan_completed": "The plan for the child is completed",
    "turned_18": "The child has turned 18",
    "not_a_separated_child": "The child is neither unaccompanied nor separated",
    "visited": "We met the person at a visit",
    "authority_confirmed": "The authority confirmed it",
    "detainee_turned_to_us": "The detainee turned to us",
    "not_detained": "The person is not detained",
    "detention_ended": "The detention has ended",
    "support_completed": "The support is completed",
    "referred": "The survivor was referred",
    "recorded_for_analysis": "It was recorded to see patterns; nobody can be supported",
    "not_eligible": "It is not what we can give",
    "helped_by_others": "Others helped",
    "notice_withdrawn": "The institution withdrew its notice",
    "handed_over": "Handed over",
    "buried": "Buried, in a marked grave",
    "known_under_other_reference": "They are known under another reference",
    "not_human": "They are not human remains",
    "read_aloud": "Read aloud to the addressee",
    "by_phone": "By phone",
    "addressee_not_found": "The addressee was not found at the address",
    "moved_away": "The addressee has moved away",
    "not_accepted": "The addressee did not accept it",
    "no_access": "The place cannot be reached at present",
    "reply_delivered": "The reply was delivered",
    "no_reply": "The addressee did not wish to reply",
    "sender_told": "It came back, and the sender was told",
}
"""Why a case is moved."""
MERGE_REASONS: Mapping[str, str] = {
    "sent_twice": "The same was written down twice",
    "two_enquirers": "Two people ask for, or tell of, the same",
    "came_twice": "The same person came to two of our places",
}
"""Why two cases are one."""
UNDO_REASONS: Mapping[str, str] = {
    "not_the_same": "They turned out not to be the same",
    "merged_in_error": "It was merged in error",
}
"""Why they are two after all."""
PROTECTION_WORDS: Mapping[str, str] = {**PURPOSES, **BASES, **STOP_WORDS, **REQUESTS, **OUTCOMES, **HOLDS, **ERASURES}
"""What the codes of data protection are called."""
TIMELINE: Mapping[str, str] = {
    "submit": "Submitted",
    "update": "Updated",
    "correct": "Corrected",
    "assign": "Assigned",
    "record": "Something was recorded",
    "add_person": "Added a person",
    "change_person": "Changed what is known of a person",
    "remove_person": "Took a person off the case",
    "relate_people": "Changed how people are related",
    "share_with_nobody": "Recorded whether the person wishes to be shared with nobody",
    "erase_person": "Erased a person",
    "merge": "Merged a duplicate into this case",
    "merge_into": "Merged into another case",
    "undo_merge": "Undid the merge of a duplicate",
    "undo_merge_into": "Undid the merge into another case",
    "add_attachment": "Added a photo or document",
    "remove_attachment": "Removed a photo or document",
    "offer_referral": "Referred to another organisation",
    "offer_transfer": "Offered to another organisation, to take it over",
    "take_over": "Taken over from another organisation",
    "register_contact": "Recorded how the family is told",
    "change_contact": "Changed how the family is told",
    "withdraw_contact": "Ended a way of telling the family",
    "finish_reply": "Dealt with what the family wrote",
    "finish_attention": "Did a task about telling the family",
    "family_stop": "Said stop: no more messages",
    "family_start": "Wants messages again",
    "family_replied": "Wrote to you",
    "family_chose": "Chose language and quiet hours on its page",
    **MATCH_TIMELINE,
}
"""What stands in a timeline beside the moves and deeds of a life cycle."""
OF_THE_FAMILY = frozenset({"family_stop", "family_start", "family_replied", "family_chose"})
"""What the family did itself, of all that stands in a timeline."""


def label(code: str, kind: CaseType | None = None) -> str:
    """What a reason, a status, a move, a deed or a role is called; of that type of case where it is one of its own.

    A code that nothing declares is shown as it is, with spaces: an old entry of a later renamed deed stays readable.
    The codes of a form's field are in `questions(form)`.
    """
    own = dict(_own_words(kind)) if kind is not None else {}
    return own.get(code) or _WORDS.get(code) or code.replace("_", " ")


def phrases(kinds: Mapping[str, CaseType]) -> tuple[str, ...]:
    """Every phrase that case work shows to people, once, in a stable order: what is to be translated."""
    found = [*_WORDS.values(), *REFERRAL_WORDS.values(), *STEP_WORDS.values(), *SENTENCES.values()]
    found += [*TRANSFER_WORDS.values(), *TRANSFER_TITLES.values()]
    found += [*MATCH_WORDS.values(), *MATCH_STEP_WORDS.values(), *BANDS.values(), *EVIDENCE.values(), *FIELDS.values()]
    found += [step.title for step in STEPS]
    found += form_words(PersonIn)
    found += [
        words
        for form in (*PROTECTION_FORMS, *REFERRAL_FORMS, *TRANSFER_FORMS, *MATCH_FORMS, AskOwnField)
        for words in form_words(form)
    ]
    found += directory_phrases()
    found += contact_words()
    found += [*ATTACHMENT_KINDS.values(), *REFUSED.values()]
    found += [words for form in ATTACHMENT_FORMS for words in form_words(form)]
    for kind in kinds.values():
        found += [kind.title, *(words for _, words in _own_words(kind)), *form_words(kind.asked)]
        cycle = kind.life_cycle
        for step in cycle.steps:
            found += [need.sentence for need in step.needs]
        found += [need.sentence for move in cycle.moves for needs in move.reasons.values() for need in needs]
        found += [words for deed in cycle.deeds if deed.form for words in form_words(deed.form)]
    return tuple(dict.fromkeys(found))


_WORDS: Mapping[str, str] = {
    **REFERRAL_WORDS,
    **STEP_TITLES,
    **PROTECTION_WORDS,
    **RELATIONS,
    **TIMELINE,
    **UNDO_REASONS,
    **MERGE_REASONS,
    **REASONS,
}


def _own_words(kind: CaseType) -> Iterator[tuple[str, str]]:
    yield from ((name, role.title) for name, role in kind.people.items())
    yield from ((step.name, step.title) for step in reversed(kind.life_cycle.steps))
    yield from kind.life_cycle.states.items()
