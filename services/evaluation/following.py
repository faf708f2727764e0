"""Which rounds follow a duty that has moved."""

from collections.abc import Mapping
from typing import Any

from services.evaluation.domain import FOLLOWING, ROUND
from services.evaluation.domain.round_state import Phase
from shared.duties.following import Pending
from shared.runtime.following import following, given


def where(pending: Pending) -> Mapping[str, Any]:
    """Those that its former holder organises and that have not ended, of its packs."""
    return given(pending, organiser=pending.move.from_department, phase=Phase.OPEN.value)


COMPUTATION = following(FOLLOWING, ROUND, where)
