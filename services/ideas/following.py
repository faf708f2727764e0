"""Which ideas follow a duty that has moved."""

from collections.abc import Mapping
from typing import Any

from services.ideas.domain import FOLLOWING, IDEA
from services.ideas.domain.moves import FOLLOWS
from shared.duties.following import Pending
from shared.runtime.following import following, given


def where(pending: Pending) -> Mapping[str, Any]:
    """Those that its former holder is in charge of and that something may still happen to, of its categories."""
    found = given(pending, department=pending.move.from_department, stage=[stage.value for stage in FOLLOWS])
    return found | ({"category": list(pending.cover.categories)} if pending.cover.categories else {})


COMPUTATION = following(FOLLOWING, IDEA, where)
