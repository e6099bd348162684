"""Reporting: figures that are right and traceable.

Owns pseudonymous facts and the reports made from them. It never learns a name.
Publishes its holds only; `report.published` comes with the donors' reports.
Subscribes to organisation.registered, incident.recorded and incident.corrected of intake.
"""
