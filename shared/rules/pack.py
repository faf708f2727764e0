"""A rule pack: the rules of one round or office, as data, in one section per service.

Pure. A pack is valid as a whole or not at all: weights and shares add up, grades are in order, names resolve.
"""

from __future__ import annotations

from typing import Literal, Self, get_args

from pydantic import model_validator

from shared.rules.awards import AwardsRules
from shared.rules.evaluation import EvaluationRules
from shared.rules.ideas import IdeasRules
from shared.rules.learning import LearningRules
from shared.rules.rule import Header

Service = Literal["ideas", "evaluation", "awards", "learning"]
"""The services that have a section in every pack."""

SERVICES: tuple[Service, ...] = get_args(Service)


class Pack(Header):
    """One rule pack. Decisions name it by `id` and the hash of the deciding service's section (`loader.pack_hash`)."""

    ideas: IdeasRules
    evaluation: EvaluationRules
    awards: AwardsRules
    learning: LearningRules

    @model_validator(mode="after")
    def _names_resolve(self) -> Self:
        stages = {stage.code for stage in self.evaluation.stages}
        lost = [code for code in self.ideas.evaluation_stages.value if code not in stages]
        if lost:
            raise ValueError(f"ideas.evaluation_stages names stages that evaluation does not define: {', '.join(lost)}")
        first, asked = self.evaluation.round.first(), self.ideas.evaluation_stages.value
        if asked and first not in asked:
            raise ValueError("a round begins with a stage that ideas.evaluation_stages does not name")
        kinds = set(self.ideas.kinds.value)
        for category in self.awards.categories:
            if not set(category.kinds) <= kinds:
                raise ValueError(f"awards category {category.code} takes kinds that ideas does not allow")
        if not set(self.learning.group.output_kinds.value) <= kinds:
            raise ValueError("learning.group.output_kinds names kinds that ideas does not allow")
        return self
