"""The event backbone: the log is the truth, the broker only the fast way.

`log` records facts with the change they tell of; `sequencer` gives positions and hashes; `publisher` tells the
broker; `feed` serves the log by position; `consumer` applies each event once and in order, and heals gaps from the
feed; `holds` keeps a poison event from everything but its own case; `rebuild` makes projections anew.
"""
