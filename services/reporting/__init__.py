"""Reporting: figures that are right and traceable.

Owns pseudonymous facts, donors, grants and what was spent of them, and the reports made of these. It never learns a
person's name.
Publishes report.published, report.reminded, erasure.confirmed, case.held and case.hold_ended.
Subscribes to organisation.registered, incidents, referral.offered, transfer.offered and what follows them, services
delivered and corrected, cases, released news and told families, matches, legal bases, consents and objections, and
person.erased of intake.
"""
