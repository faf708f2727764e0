"""Table of contents of `awards`: adopted ideas are nominated, voted on, graded, and paid."""

from services.awards import api, following
from services.awards.domain import CATEGORY, FOLLOWING, NOMINATION, ROUND
from services.awards.texts import TEXTS
from shared.runtime.service import Service

SERVICE = Service(
    name="awards",
    aggregates=[NOMINATION, CATEGORY, ROUND, FOLLOWING],
    router=api.router,
    indexes={
        "nomination": (
            *("stage", "round_id", "category_id", "department"),
            *("authors.person_id", "payments.person_id"),
        ),
        "category": ("round_id", "stage"),
        "round": ("pack", "stage", "owner", "told.recipients"),
        "following": (),
    },
    texts=TEXTS,
    computations=(following.COMPUTATION,),
)
