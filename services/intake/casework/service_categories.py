"""What services are counted by.

The first part is IFRC GO's list of 3W sectors and actions (github.com/IFRCGo/go-api, fixture
`emergency_project_activity_actions`, MIT), under codes of our own with GO's number beside them, so that figures can be
handed to GO. The second part is what Restoring Family Links counts (ICRC, *Restoring Family Links in disasters: field
manual*, 2009; IFRC's Federation-wide databank), visits to people deprived of their liberty (ICRC, annual reports: key
figures on detention), migrant response centres (IOM, *Migrant Resource and Response Mechanism*) and help on forced
return (IFRC, *Policy on Migration*, 2009, principle 9; Directive 2008/115/EC, article 8(6)).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple


class Category(NamedTuple):
    """One category of service."""

    title: str
    sector: str
    """One of `SECTORS`."""
    go_action: int | None = None
    """The number of the action in IFRC GO; None where GO has none so fine."""


SECTORS: Mapping[str, tuple[str, int]] = {
    "health": ("Health", 1),
    "shelter": ("Shelter", 2),
    "cash": ("Cash & Voucher Assistance", 3),
    "education": ("Education", 4),
    "food_livelihoods": ("Food Security and Livelihoods", 5),
    "wash": ("WASH", 6),
    "protection": ("Protection, Gender & Inclusion", 7),
    "migration": ("Migration", 8),
    "community_engagement": ("Community Engagement & Accountability", 9),
    "mhpss": ("MHPSS", 10),
}
"""Sector → (title, number in IFRC GO)."""

CATEGORIES: Mapping[str, Category] = {
    "shelter_repair": Category("Shelter repair", "shelter", 1),
    "emergency_shelter": Category("Emergency shelter assistance", "shelter", 2),
    "household_items": Category("Basic household items distribution", "shelter", 3),
    "cash_for_shelter": Category("Cash or voucher for shelter", "shelter", 4),
    "collective_shelter": Category("Collective shelter support", "shelter", 5),
    "multi_purpose_cash": Category("Multi-purpose cash (unconditional)", "cash", 6),
    "multi_purpose_voucher": Category("Multi-purpose voucher (unconditional)", "cash", 7),
    "education_support": Category("Education support for children, adolescents, and young adults", "education", 8),
    "education_supplies": Category(
        "Education supplies, kits, or equipment distribution for children, adolescents and young adults", "education", 9
    ),
    "education_spaces": Category("Education spaces constructed or rehabilitation", "education", 10),
    "food": Category("Food distribution (in-kind)", "food_livelihoods", 11),
    "cash_for_food": Category("Cash or voucher for food security and livelihoods", "food_livelihoods", 12),
    "livelihoods_in_kind": Category("In-kind support for food security & livelihoods", "food_livelihoods", 13),
    "livelihoods_services": Category(
        "Essential services, information, or training for food security & livelihoods", "food_livelihoods", 14
    ),
    "first_aid": Category("First aid", "health", 15),
    "first_aid_training": Category("First aid training", "health", 16),
    "primary_health_care": Category("Primary healthcare, mobile or stationary clinics", "health", 17),
    "search_and_rescue": Category("Search and rescue", "health", 18),
    "health_promotion": Category("Health promotion, disease prevention", "health", 19),
    "hygiene_promotion": Category("Hygiene promotion", "wash", 20),
    "hygiene_supplies": Category("Hygiene supply distribution", "wash", 21),
    "water_sources": Category("Water source improvements", "wash", 22),
    "water_treatment_facilities": Category("Water treatment facilities construction/rehabilitation", "wash", 23),
    "water_treatment_supplies": Category("Water treatment supply distribution", "wash", 24),
    "water": Category("Water distribution", "wash", 25),
    "handwashing": Category("Handwashing facilities construction/rehabilitation", "wash", 26),
    "toilets": Category("Toilet facilities construction/rehabilitation", "wash", 27),
    "restoring_family_links": Category("Restoring family links", "protection", 28),
    "child_friendly_spaces": Category("Child-friendly spaces", "protection", 29),
    "violence_response": Category("Specialised programme preventing or responding to violence", "protection", 30),
    "referral": Category("Referrals to case management/follow-up services", "protection", 31),
    "safeguarding": Category(
        "Prevention of Sexual Exploitation & Abuse & Child safeguarding SOPs, policies & training", "protection", 32
    ),
    "transport": Category("Transportation / evacuation of people", "migration", 33),
    "service_point": Category(
        "Establishing humanitarian service points / safe service provision/distribution points", "migration", 34
    ),
    "accompaniment": Category("Support / accompaniment in official procedures", "migration", 35),
    "community_centre": Category("Community centers/multifunctional centres, integration services", "migration", 36),
    "community_engagement_training": Category("CEA training for staff & volunteers", "community_engagement", 37),
    "information": Category("Information sharing/awareness raising", "community_engagement", 38),
    "complaints_and_feedback": Category("Community complaints and feedback mechanisms", "community_engagement", 39),
    "satisfaction_survey": Category("Perception or satisfaction survey", "community_engagement", 40),
    "rumour_tracking": Category("Rumour tracking", "community_engagement", 41),
    "psychosocial_support": Category("Mental health and psychosocial services", "mhpss", 42),
    "rcm_collected": Category("Red Cross message collected", "protection"),
    "rcm_delivered": Category("Red Cross message delivered", "protection"),
    "phone_call": Category("Phone call to the family", "protection"),
    "video_call": Category("Video call with the family", "protection"),
    "connectivity": Category("Internet access or battery charging, to reach the family", "protection"),
    "safe_and_well": Category("Safe-and-well message passed on", "protection"),
    "family_visit": Category("Family visit made possible", "protection"),
    "reunification": Category("Person reunited with the family", "protection"),
    "detention_attestation": Category("Attestation of detention issued", "protection"),
    "guidance_for_families": Category("Support and accompaniment of a missing person's family", "protection"),
    "detention_place_visit": Category("Visit to a place of detention", "protection"),
    "detention_visit": Category("Detainee met on a visit", "protection"),
    "detention_followed": Category("Detainee met who is followed individually", "protection"),
    "detention_rcm": Category("Red Cross message from or to a detainee", "protection"),
    "detention_call": Category("Call to a detainee's family", "protection"),
    "voluntary_return": Category("Voluntary return assisted", "migration"),
    "return_reception": Category("Received and helped after a forced return", "migration"),
    "return_monitoring": Category("Forced return monitored", "migration"),
}
