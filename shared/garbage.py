"""How often Python looks for garbage in cycles: seldom, in processes that make many small objects and keep few."""

import gc


def collect_seldom() -> None:
    """Look less often: a fifth of the time of a batch went there, and of a start, whose imports make what stays."""
    gc.set_threshold(100_000, 50, 100)


def calm_garbage_collector() -> None:
    """At the end of a start: look seldom, and never at what it left. To look once more found nothing."""
    gc.freeze()
    collect_seldom()
