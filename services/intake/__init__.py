"""Intake: where organisations bring cases in.

Owns organisations, their users and clients, cases, persons, incidents, imports, the service directory; signs people in
and issues tokens.
Publishes what happens to organisations, cases, persons' legal bases, families' contacts, incidents, services and
imports: every fact of `shared.events.intake`.
Subscribes to case.held, case.hold_ended and erasure.confirmed of notify and reporting, and of notify to
notification.status_changed, family_message.status_changed, family.replied, family.opted_out, family.opted_in,
attention.requested and complaint.received.
"""
