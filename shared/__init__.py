"""What every service stands on: the contracts, the event backbone, the database, errors and settings.

Nothing here knows a service. Read `shared.events` first (what is said), then `shared.messaging` (how it travels).
"""
