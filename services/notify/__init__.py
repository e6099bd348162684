"""Notify: tells people, once and safely.

Owns how families are reached, notifications and the attempts to deliver them, which languages were approved; a donor's
people who asked for reports, and the mails to them; what it must know of persons' legal bases.
Publishes notification.status_changed, family_message.status_changed, family.replied, complaint.received,
family.opted_out, family.opted_in, attention.requested, erasure.confirmed, case.held and case.hold_ended.
Subscribes to organisation.registered, import.row_refused, import.finished, every fact of referrals and transfers,
family contacts, appointments, released news, the closing and reopening of cases, legal bases, consents and objections,
and person.erased of intake; report.published and report.reminded of reporting; case.held and case.hold_ended of both.
"""
