"""Which learning groups follow a duty that has moved."""

from collections.abc import Mapping
from typing import Any

from services.learning.domain import FOLLOWING, GROUP
from services.learning.domain.group import Stage
from shared.duties.following import Pending
from shared.runtime.following import following, given


def where(pending: Pending) -> Mapping[str, Any]:
    """Those that belong to its former holder and are active, of its packs."""
    return given(pending, department=pending.move.from_department, stage=Stage.ACTIVE.value)


COMPUTATION = following(FOLLOWING, GROUP, where)
