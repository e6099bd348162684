"""A service is asked of another organisation, or that it takes a case over: offered, answered, completed; or it goes
back.

Inside one hub both sides are rows of one transaction (decision 19). The case stays with the sender all along, whatever
the receiver does or leaves undone; unless it accepts a transfer (`commands.transfers`).
"""

from services.intake.commands.referrals.offering import check_open, offer_referral, what_would_be_shared
from services.intake.commands.referrals.steps import take_step
from services.intake.commands.referrals.sweeping import sweep_referrals, sweep_referrals_at
from services.intake.commands.referrals.updating import bring_up_to_date, what_would_be_updated

__all__ = [
    "bring_up_to_date",
    "check_open",
    "offer_referral",
    "sweep_referrals",
    "sweep_referrals_at",
    "take_step",
    "what_would_be_shared",
    "what_would_be_updated",
]
