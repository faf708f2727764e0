"""Which officers act on a round: those of the department that runs it, where one does."""

from shared.engine.aggregate import require
from shared.engine.message import Actor


def require_owner(owner: str, officer: Actor) -> None:
    """The officer works in the department that runs the round. Raises Refused."""
    require(not owner or officer.department == owner, "not_the_owner", recorded=True, department=owner)
