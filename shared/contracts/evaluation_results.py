"""What `evaluation` says of a whole set of ideas at a stage: the figures beside the legal scores.

All figures are advisory and rounded here; the raw weighted sum of each idea stays the legal score. What is said of
raters stays in the journal and never leaves the service.
"""

from typing import Annotated, Literal

from pydantic import Field

from shared.contracts.types import Code, Id, Line, PersonId, Rule, Score, Value
from shared.engine.message import Event, Instant

Reason = Literal[
    "nothing_rated",
    "assignment_not_fair",
    "not_connected",
    "too_few_per_idea",
    "too_few_per_rater",
    "own_department_only",
    "no_variation",
]
"""Why no calibrated score is given."""

Places = Annotated[int, Field(ge=1)]
"""How many ideas are the best ones."""


class Abstention(Value):
    """One reason why the calibrated score abstains. `found` is over the `allowed` limit of the pack, where it has one.

    Limits of ratings and departments are per cent of the ideas or raters; that of the connection is a number of parts.
    """

    reason: Reason
    allowed: Score | None = None
    found: Score | None = None


class Figure(Value):
    """An estimate and the interval around it, None where too little is known of its spread."""

    value: Score
    low: Score | None = None
    high: Score | None = None


class Agreement(Value):
    """How far raters agree on the weighted sum (`of` "sum") or on one criterion, over all ideas of the set.

    `icck` is the reliability of the mean of `k` ratings, `alpha` Krippendorff's for interval data.
    """

    of: Code
    ideas: int
    raters: int
    ratings: int
    icc1: Figure | None = None
    icck: Figure | None = None
    k: Score | None = None
    alpha: Figure | None = None


class IdeaFigures(Value):
    """One idea: the legal score, the calibrated one with its interval, the probability of being among the best."""

    idea_id: Id
    legal: Score | None = None
    calibrated: Figure | None = None
    top: Score | None = None


class RaterFigures(Value):
    """One rater: how many sheets and which part of all, severity (points below the others on the same idea), fit.

    Fit is 1 where residuals are as the model expects, above it where they are erratic. For rater and chair only.
    """

    rater_id: PersonId
    ratings: int
    share: Score
    severity: Figure | None = None
    fit: Score | None = None


class Components(Value):
    """The variances that the model found, on the scale of the weighted sum."""

    ideas: Score
    raters: Score | None
    residual: Score
    level: Score


class Library(Value):
    """A library that took part in the computation."""

    name: Line
    version: Line


class Method(Value):
    """With what the figures were computed: with the same input and seed it gives the same again."""

    algorithm: Line
    input: Annotated[str, Field(max_length=64)]
    seed: int
    versions: tuple[Library, ...]


class ResultsAsked(Event, type="evaluation.ResultsAsked", key="round_id", journal=True):
    """The figures of a set of evaluations at a stage were asked for.

    `round_id` is a round, or the pack whose evaluations outside rounds are the set. `assignment` is how raters were
    chosen, where an organiser declared it. Nothing is disclosed before `not_before`.
    """

    round_id: Id
    stage: Code
    pack: Code
    top: Places
    assignment: Code | None = None
    not_before: Instant | None = None
    ask_id: Line
    rule: Rule


class ResultsComputed(Event, type="evaluation.ResultsComputed", key="round_id", journal=True):
    """The figures were computed; nobody sees them before `disclosure_at`.

    `top_of` says what the probability of the best `top` rests on: the calibrated scores, the plain means, or nothing.
    `withheld_from` are those in conflict with an idea of the set, who see none of it, nor do raters and chairs of
    `withheld_units`.
    """

    round_id: Id
    stage: Code
    pack: Code
    ask_id: Line
    top: Places
    disclosure_at: Instant
    assignment: Code
    abstained: tuple[Abstention, ...]
    components: Components | None
    top_of: Literal["calibrated", "plain"] | None
    agreement: tuple[Agreement, ...]
    ideas: tuple[IdeaFigures, ...]
    raters: tuple[RaterFigures, ...]
    withheld_from: tuple[PersonId, ...]
    withheld_units: tuple[Id, ...] = ()
    method: Method
    rule: Rule


class ResultsDisclosed(Event, type="evaluation.ResultsDisclosed", key="round_id"):
    """The figures of a set may be seen. It names no person: how far raters agreed, and whether scores were calibrated.

    `top` is the number of best ideas that their probabilities are about, over all `ideas` of the set.
    """

    round_id: Id
    stage: Code
    pack: Code
    ideas: int
    top: Places
    agreement: tuple[Agreement, ...]
    abstained: tuple[Abstention, ...]
    method: Method
    rule: Rule
