"""Table of contents of `ideas`: drafts, calls, receipt, votes, decision, implementation, notices, and directories."""

from services.ideas import api
from services.ideas.domain import CALL, DEPARTMENT, DRAFT, ENTRY, IDEA, IMPLEMENTATION, PERSON, REGISTER, VOTE
from services.ideas.texts import TEXTS
from shared.runtime.service import Service

SERVICE = Service(
    name="ideas",
    aggregates=[IDEA, VOTE, IMPLEMENTATION, DRAFT, REGISTER, CALL, ENTRY, DEPARTMENT, PERSON],
    router=api.router,
    indexes={
        "idea": (
            "stage",
            "department",
            "category_sought",
            "kind",
            "pack",
            "authors.person_id",
            "notices.recipients",
            "receipt_number",
        ),
        "draft": ("author_id",),
        "call": ("pack",),
        "vote": ("idea_id",),
        "department": ("parent",),
        "person": ("department",),
        "implementation": ("phase", "department", "pack"),
    },
    texts=TEXTS,
)
