"""What a pack says of a final in pairs: how many of the best take part, who compares, how the order is made."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from shared.rules.rule import Code, Count, Disclosure, Exact, Rule, Sourced, Term, Text


class PairwiseFinal(Sourced):
    """A final in which judges see two ideas at a time and say which is better; its order is advisory.

    The `best` of the round's last stage take part. Each idea is compared `comparisons` times, over all judges, of whom
    there are `judges_min` at least. `prior_variance` is that of the normal prior on each strength (logit scale); with
    null there is none, and the order abstains unless every idea has won against every other one, through others.
    `level` is the confidence of its intervals in per cent.
    """

    code: Code
    label: Text
    best: Rule[Count]
    judges_min: Rule[Count]
    comparisons: Rule[Count]
    prior_variance: Rule[Exact | None]
    closes_within: Rule[Term]
    disclosure_at: Rule[Disclosure]
    level: Rule[Exact]

    @model_validator(mode="after")
    def _is_sane(self) -> Self:
        if not 2 <= self.best.value <= 50:
            raise ValueError(f"final {self.code}: 2 to 50 ideas can be compared in pairs, not {self.best.value}")
        if self.comparisons.value % 2 or self.comparisons.value > 40:
            raise ValueError(f"final {self.code}: an even number of comparisons, up to 40, keeps them balanced")
        if self.prior_variance.value is not None and self.prior_variance.value <= 0:
            raise ValueError(f"final {self.code}: a variance is above zero")
        if not 50 <= self.level.value < 100:
            raise ValueError(f"final {self.code}: a confidence is 50 to 100 per cent, not {self.level.value}")
        return self
