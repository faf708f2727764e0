"""Table of contents of `ideas`: receipt, votes, decision, implementation, notices, and the two directories."""

from services.ideas import api
from services.ideas.domain import DEPARTMENT, IDEA, IMPLEMENTATION, PERSON, VOTE
from services.ideas.texts import TEXTS
from shared.runtime.service import Service

SERVICE = Service(
    name="ideas",
    aggregates=[IDEA, VOTE, IMPLEMENTATION, DEPARTMENT, PERSON],
    router=api.router,
    indexes={
        "idea": ("stage", "department", "category_sought", "kind", "pack", "authors.person_id", "notices.recipients"),
        "vote": ("idea_id",),
        "department": ("parent",),
        "person": ("department",),
        "implementation": ("phase", "department", "pack"),
    },
    texts=TEXTS,
)
