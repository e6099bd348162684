"""Intake: where organisations bring cases in.

Owns organisations, their users and clients, cases, persons, incidents, imports; signs people in and issues tokens.
Publishes organisation.registered, incident.recorded, incident.corrected, import.row_refused, import.finished.
Subscribes to case.held and case.hold_ended of notify and reporting, and to notification.status_changed of notify.
"""
