"""The incident report: proved by itself, with a JSON and a CSV of its own, and an issue for people."""
