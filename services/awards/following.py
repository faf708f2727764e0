"""Which rounds follow a duty that has moved."""

from collections.abc import Mapping
from typing import Any

from services.awards.domain import FOLLOWING, ROUND
from services.awards.domain.round import Stage
from shared.duties.following import Pending
from shared.runtime.following import following, given


def where(pending: Pending) -> Mapping[str, Any]:
    """Those that its former holder runs and that are open, of its packs."""
    return given(pending, owner=pending.move.from_department, stage=Stage.OPEN.value)


COMPUTATION = following(FOLLOWING, ROUND, where)
