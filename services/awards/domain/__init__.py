"""The aggregates of `awards`: an idea's nomination, the category it stands in, the round that grants, moved duties."""

from services.awards.domain import category as category_module
from services.awards.domain import following as following_module
from services.awards.domain import nomination as nomination_module
from services.awards.domain import round as round_module
from shared.engine.aggregate import aggregate

NOMINATION = aggregate(nomination_module, key="idea_id")
CATEGORY = aggregate(category_module, key="category_id")
ROUND = aggregate(round_module, key="round_id")
FOLLOWING = aggregate(following_module, key="duty_id")
