"""Reporting's own settings."""

SERVICE = "reporting"
LISTENS_TO = ("intake",)
