"""Table of contents of `ideas`: drafts, calls, receipt, votes, decision, implementation, notices, and directories."""

from services.ideas import api, duplicates, following, watch
from services.ideas.domain import (
    CALL,
    DEPARTMENT,
    DRAFT,
    DUTY,
    ENTRY,
    FOLLOWING,
    IDEA,
    IMPLEMENTATION,
    MERGE,
    PERSON,
    POLICY,
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
        POLICY,
        DUTY,
        FOLLOWING,
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
        "duty": ("department",),
        "following": (),
        "implementation": ("phase", "department", "pack"),
        "merge": ("idea_id", "leads"),
    },
    texts=TEXTS,
    projections=[duplicates.INDEX],
    followers=[duplicates.AT_RECEIPT, watch.WATCH],
    computations=(following.COMPUTATION,),
)
