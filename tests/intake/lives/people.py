"""People who appear in the lives of cases. Nobody of these names is meant."""

from __future__ import annotations

from typing import Any


def person(role: str, name: str, **known: Any) -> dict[str, Any]:
    """A person in a role of a case."""
    return {"role": role, "person": {"names": [{"full": name}], **known}}


ASTER = {"names": [{"full": "አስቴር ካናሪ"}, {"full": "Aster Canary", "kind": "other_spelling"}], "sex": "female"}
A_GIRL = {**ASTER, "birth": {"year": 2012, "month": 5}, "nationality": "ETH"}
A_WOMAN = {**ASTER, "birth": {"year": 1990}, "nationality": "ETH"}
