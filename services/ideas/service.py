"""Table of contents of `ideas`: drafts, calls, receipt, votes, decision, implementation, notices, and directories."""

from services.ideas import api, duplicates
from services.ideas.domain import (
    CALL,
    CONSULTATION,
    DEPARTMENT,
    DRAFT,
    ENTRY,
    IDEA,
    IMPLEMENTATION,
    MERGE,
    OUTCOME,
    PERSON,
    REGISTER,
    VOTE,
)
from services.ideas.texts import TEXTS
from shared.runtime.service import Service

SERVICE = Service(
    name="ideas",
    aggregates=[
        IDEA,
        VOTE,
        IMPLEMENTATION,
        DRAFT,
        REGISTER,
        CALL,
        ENTRY,
        DEPARTMENT,
        PERSON,
        MERGE,
        OUTCOME,
        CONSULTATION,
    ],
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
        "merge": ("idea_id", "leads"),
        "outcome": ("grade.grade",),
    },
    texts=TEXTS,
    projections=[duplicates.INDEX],
    followers=[duplicates.AT_RECEIPT],
)
