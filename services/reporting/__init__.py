"""Reporting: figures that are right and traceable.

Owns pseudonymous facts and the reports made from them. It never learns a name.
Publishes report.published, erasure.confirmed, case.held and case.hold_ended.
Subscribes to organisation.registered, incident.recorded, incident.corrected, referral.offered, transfer.offered and
what follows them, legal bases, consents and objections, and person.erased of intake.
"""
