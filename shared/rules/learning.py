"""The `learning` section of a pack: learning groups, their outputs, and how a case spreads."""

from __future__ import annotations

from enum import StrEnum
from typing import Self

from pydantic import model_validator

from shared.rules.rule import Count, Frozen, Kind, Rule, Term


class SpreadAnswer(StrEnum):
    """What a target department may answer to a case offered to it."""

    ADOPTED = "adopted"
    ADAPTED = "adapted"
    DECLINED = "declined"


class GroupRules(Frozen):
    """Learning groups: how many members, how long one runs, and the kinds of idea its output may become."""

    members_min: Rule[Count]
    members_max: Rule[Count]
    lasts: Rule[Term]
    output_kinds: Rule[tuple[Kind, ...]]

    @model_validator(mode="after")
    def _runs_upwards(self) -> Self:
        if self.members_min.value > self.members_max.value:
            raise ValueError("a group can't have fewer members at most than at least")
        return self


class SpreadRules(Frozen):
    """Spread of a case: the term for an answer (from the offer), the answers, and when use is checked again."""

    answer_within: Rule[Term]
    answers: Rule[tuple[SpreadAnswer, ...]]
    reason_required: Rule[tuple[SpreadAnswer, ...]]
    sustain_check_after: Rule[Term]

    @model_validator(mode="after")
    def _reasons_are_for_answers(self) -> Self:
        if not set(self.reason_required.value) <= set(self.answers.value):
            raise ValueError("a reason is required for an answer that is not allowed")
        return self


class LearningRules(Frozen):
    """Rules of the `learning` service."""

    group: GroupRules
    spread: SpreadRules
