"""Pages of a service for whoever is signed in at intake and brings its token along: visits, desk, entering.

A service says what is its own by class variables of `SignedInVisit` and `SignedInDesk`: addresses, names, words; and
what a seat at its desk asks for.
"""

from shared.pages.signed_in.desk import CASES, Seat, SignedInDesk, go_to, page_route
from shared.pages.signed_in.visits import SignedInVisit

__all__ = ["CASES", "Seat", "SignedInDesk", "SignedInVisit", "go_to", "page_route"]
