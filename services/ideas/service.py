"""Table of contents of `ideas`: receipt, votes, decision, implementation, notices."""

from services.ideas import api
from services.ideas.domain import IDEA, IMPLEMENTATION, VOTE
from services.ideas.texts import TEXTS
from shared.runtime.service import Service

SERVICE = Service(
    name="ideas",
    aggregates=[IDEA, VOTE, IMPLEMENTATION],
    router=api.router,
    indexes={
        "idea": ("stage", "department", "category", "kind", "pack", "authors.person_id", "notices.recipients"),
        "vote": ("idea_id",),
        "implementation": ("phase", "department", "pack"),
    },
    texts=TEXTS,
)
