"""Table of contents of `ideas`: receipt, votes, decision, implementation, notices, and the two directories."""

from services.ideas import api, duplicates
from services.ideas.domain import DEPARTMENT, IDEA, IMPLEMENTATION, MERGE, PERSON, VOTE
from services.ideas.texts import TEXTS
from shared.runtime.service import Service

SERVICE = Service(
    name="ideas",
    aggregates=[IDEA, VOTE, IMPLEMENTATION, DEPARTMENT, PERSON, MERGE],
    router=api.router,
    indexes={
        "idea": ("stage", "department", "category_sought", "kind", "pack", "authors.person_id", "notices.recipients"),
        "vote": ("idea_id",),
        "department": ("parent",),
        "person": ("department",),
        "implementation": ("phase", "department", "pack"),
        "merge": ("idea_id", "leads"),
    },
    texts=TEXTS,
    projections=[duplicates.INDEX],
    followers=[duplicates.AT_RECEIPT],
)
