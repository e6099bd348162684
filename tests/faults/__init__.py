"""What must hold when everything fails: real servers of this run's own, killed, filled, blocked and wiped.

Every test ends with the account (`account.py`): what was accepted, against what every consumer did about it.
"""
