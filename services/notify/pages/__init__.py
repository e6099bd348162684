"""Notify's pages: those that families meet, and those of the staff."""
