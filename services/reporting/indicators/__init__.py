"""Indicators as data: what is counted, by whose definition."""
