"""Notify: tells people, once and safely.

Owns notifications and the attempts to deliver them.
Publishes notification.status_changed.
Subscribes to organisation.registered, import.row_refused and import.finished of intake.
"""
