"""Services: people reached sector by sector (IFRC GO's 3W), and what migrant response centres give (IOM, *Migrant
Resource and Response Mechanisms*; Regional Migrant Response Plan for the Horn of Africa)."""

from __future__ import annotations

from collections.abc import Mapping

from services.reporting.indicators.indicator import OF_PEOPLE, Indicator, Services

GROUP = "Services"
CENTRES = "Migrant response centres"
_SOURCE = "IFRC GO, 3W sectors and actions"
_CENTRES_SOURCE = "IOM, Migrant Resource and Response Mechanism: services of migrant response centres"
_SECTORS: Mapping[str, tuple[str, frozenset[str], str]] = {
    "shelter": (
        "Shelter and household items",
        frozenset({"shelter_repair", "emergency_shelter", "household_items", "cash_for_shelter", "collective_shelter"}),
        "SDG 11.1",
    ),
    "cash": ("Cash and vouchers", frozenset({"multi_purpose_cash", "multi_purpose_voucher"}), "SDG 1.3"),
    "education": (
        "Education",
        frozenset({"education_support", "education_supplies", "education_spaces"}),
        "SDG 4.1",
    ),
    "food": (
        "Food security and livelihoods",
        frozenset({"food", "cash_for_food", "livelihoods_in_kind", "livelihoods_services"}),
        "SDG 2.1",
    ),
    "health": (
        "Health",
        frozenset({"first_aid", "first_aid_training", "primary_health_care", "search_and_rescue", "health_promotion"}),
        "SDG 3.8",
    ),
    "wash": (
        "Water, sanitation and hygiene",
        frozenset(
            {
                "hygiene_promotion",
                "hygiene_supplies",
                "water_sources",
                "water_treatment_facilities",
                "water_treatment_supplies",
                "water",
                "handwashing",
                "toilets",
            }
        ),
        "SDG 6.1",
    ),
    "protection": (
        "Protection",
        frozenset({"restoring_family_links", "child_friendly_spaces", "violence_response", "referral", "safeguarding"}),
        "GCM 7",
    ),
    "migration": (
        "Migration services",
        frozenset({"transport", "service_point", "accompaniment", "community_centre"}),
        "GCM 15",
    ),
    "engagement": (
        "Community engagement",
        frozenset(
            {
                "community_engagement_training",
                "information",
                "complaints_and_feedback",
                "satisfaction_survey",
                "rumour_tracking",
            }
        ),
        "GCM 3",
    ),
}
_OF_CENTRES: Mapping[str, tuple[str, frozenset[str], bool]] = {
    "food": ("Given food", frozenset({"food"}), False),
    "shelter": ("Given shelter", frozenset({"emergency_shelter", "collective_shelter"}), False),
    "nfi": ("Given non-food items", frozenset({"household_items", "hygiene_supplies"}), False),
    "information": ("Given information", frozenset({"information"}), False),
    "psychosocial": ("Given psychosocial support", frozenset({"psychosocial_support"}), True),
    "medical": ("Given medical care", frozenset({"first_aid", "primary_health_care"}), False),
    "voluntary_return": ("Helped to return voluntarily", frozenset({"voluntary_return"}), False),
    "referrals": ("Referred to other services", frozenset({"referral"}), False),
}


def _reached(
    code: str, group: str, label: str, categories: frozenset[str], source: str, tag: str, *, sensitive: bool = False
) -> Indicator:
    return Indicator(
        code,
        group,
        label,
        "people",
        "unique",
        Services("people", categories),
        "People who were given one of these services in the period, each counted once. Whoever is known by number "
        "alone is counted at each delivery; data quality says how many these are.",
        source,
        (tag,),
        OF_PEOPLE,
        sensitive=sensitive,
    )


PEOPLE_REACHED = Indicator(
    "people.reached",
    GROUP,
    "People reached",
    "people",
    "unique",
    Services("people"),
    "People who were given any service in the period, each counted once. Whoever is known by number alone is counted "
    "at each delivery; data quality says how many these are.",
    "IFRC FDRS: people reached, without double counting",
    ("GCM 15",),
    (*OF_PEOPLE, "place", "modality"),
)
DELIVERED = Indicator(
    "services.delivered",
    GROUP,
    "Services delivered",
    "services",
    "sum",
    Services("services"),
    "Deliveries of any service that were recorded with a day in the period.",
    _SOURCE,
    ("GCM 15",),
    ("place", "modality"),
)
SERVICES = (
    PEOPLE_REACHED,
    DELIVERED,
    *(
        _reached(f"3w.{code}", GROUP, f"People reached: {title}", categories, _SOURCE, tag)
        for code, (title, categories, tag) in _SECTORS.items()
    ),
    _reached(
        "3w.mhpss",
        GROUP,
        "People reached: mental health and psychosocial support",
        frozenset({"psychosocial_support"}),
        _SOURCE,
        "SDG 3.4",
        sensitive=True,
    ),
)
RESPONSE_CENTRES = tuple(
    _reached(f"mrc.{code}", CENTRES, label, categories, _CENTRES_SOURCE, "GCM 15", sensitive=sensitive)
    for code, (label, categories, sensitive) in _OF_CENTRES.items()
)
