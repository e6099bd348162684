"""What intake's worker does now and then."""

from datetime import timedelta

from services.intake.audit import anchor_views, chain_views
from services.intake.commands import forget_old_answers, forget_old_drafts, forget_old_sign_ins
from services.intake.commands.attachments import collect_bytes
from services.intake.commands.matches.after_signing import mark_after_signing
from services.intake.commands.matches.retracting import review_lapsed
from services.intake.commands.matches.sweeping import sweep_matches
from services.intake.commands.protection import propose_what_is_due
from services.intake.commands.referrals import sweep_referrals

CHORES = {
    "forget old answers": (timedelta(hours=1), forget_old_answers),
    "forget old drafts": (timedelta(hours=1), forget_old_drafts),
    "forget old sign-ins": (timedelta(hours=1), forget_old_sign_ins),
    "chain views": (timedelta(seconds=2), chain_views),
    "anchor views": (timedelta(minutes=5), anchor_views),
    "remind of referrals, and give them back": (timedelta(seconds=20), sweep_referrals),
    "look anew behind a signature": (timedelta(seconds=1), mark_after_signing),
    "tell managers of matches that nobody decides": (timedelta(minutes=1), sweep_matches),
    "withdraw matches whose grounds have lapsed": (timedelta(hours=1), review_lapsed),
    "take bytes out that nobody can open": (timedelta(minutes=1), collect_bytes),
    "propose what retention finds due": (timedelta(days=1), propose_what_is_due),
}
