"""Notify: tells people, once and safely.

Owns notifications and the attempts to deliver them; what it must know of persons' legal bases.
Publishes notification.status_changed, erasure.confirmed, case.held and case.hold_ended.
Subscribes to organisation.registered, import.row_refused, import.finished, every fact of referrals and transfers,
legal bases, consents and objections, and person.erased of intake; case.held and case.hold_ended of intake and
reporting.
"""
