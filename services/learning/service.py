"""Table of contents of `learning`: groups hand outputs over as ideas, adopted ideas spread as cases."""

from services.learning import api, following
from services.learning.domain import CASE, FOLLOWING, GROUP, OFFER
from services.learning.texts import TEXTS
from shared.runtime.service import Service

SERVICE = Service(
    name="learning",
    aggregates=[GROUP, CASE, OFFER, FOLLOWING],
    router=api.router,
    indexes={
        "group": ("stage", "department", "pack", "members", "told.recipients"),
        "following": (),
        "case": ("department", "kind", "pack"),
        "offer": ("idea_id", "owner", "stage"),
    },
    texts=TEXTS,
    computations=(following.COMPUTATION,),
)
