"""The aggregates of `learning`. An offer is keyed by its case: what is about one case is in one partition."""

from services.learning.domain import case as case_module
from services.learning.domain import following as following_module
from services.learning.domain import group as group_module
from services.learning.domain import offer as offer_module
from shared.engine.aggregate import aggregate

GROUP = aggregate(group_module, key="group_id")
CASE = aggregate(case_module, key="idea_id")
OFFER = aggregate(offer_module, key="idea_id", id="idea_id/target", reads=[CASE])
FOLLOWING = aggregate(following_module, key="duty_id")
