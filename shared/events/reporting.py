"""Facts that reporting publishes. None but its holds yet: `report.published` comes with the donors' reports."""
