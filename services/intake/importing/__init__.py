"""Files of many records, read row by row: a bad row is refused by name and never costs its neighbours.

`records` splits a CSV file of any separator into records and recovers after a broken one; `incidents` turns
records into `IncidentIn`. Everything here reads; nothing is stored.
"""
