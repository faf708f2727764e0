"""From the sheets of a set to the rounded figures that are recorded."""

import hashlib
from collections.abc import Sequence
from decimal import Decimal
from importlib.metadata import version
from statistics import NormalDist

from services.evaluation.analysis import ALGORITHM
from services.evaluation.analysis.chances import in_top
from services.evaluation.analysis.mixed import Fit, NoVariation, fit
from services.evaluation.analysis.ratings import Floats, Rating, Table, generator, table
from services.evaluation.analysis.reliability import Estimate, Reliability, reliability
from services.evaluation.domain.gate import Rated, abstentions
from services.evaluation.domain.results import rules_of
from services.evaluation.domain.results_commands import RecordResults
from services.evaluation.results import Question, Sheet
from shared.contracts.evaluation_results import Abstention, Agreement, Components, Figure, IdeaFigures, RaterFigures
from shared.rules.evaluation import Stage

SUM = "sum"
"""What the agreement on the weighted sum is called, beside those on the criteria."""

COEFFICIENT_PLACES = 3
FIT_PLACES = 2
VARIANCE_PLACES = 4

CHANCES, AGREEMENT = 0, 1
"""Streams of random numbers: one for the chances, from `AGREEMENT` on one for each table."""

LIBRARIES = ("numpy", "scipy")


def findings(question: Question) -> RecordResults:
    """All figures of a set. The same question gives the same."""
    stage = rules_of(question.pack, question.stage)
    rules = stage.calibration
    complete = [sheet for sheet in question.sheets if len(sheet.points) == len(stage.criteria)]
    rated = [Rated(sheet.idea, sheet.rater, sheet.own_department) for sheet in complete]
    reasons = abstentions(rules, rated, question.assignment)
    ratings = table(Rating(sheet.idea, sheet.rater, _sum(stage, sheet)) for sheet in complete) if complete else None
    calibrated = None
    if ratings and not reasons:
        calibrated = _fitted(ratings, rules.raters.value)
        reasons = () if calibrated else (Abstention(reason="no_variation"),)
    basis = calibrated or (_fitted(ratings, "none") if ratings else None)
    return RecordResults(
        ask_id=question.ask_id,
        seed=question.seed,
        versions={name: version(name) for name in LIBRARIES},
        algorithm=ALGORITHM,
        input=hashlib.sha256(question.model_dump_json().encode()).hexdigest(),
        disclosure_at=question.disclosure_at,
        assignment=question.assignment,
        abstained=reasons,
        components=_components(calibrated) if calibrated else None,
        top_of=("calibrated" if calibrated else "plain") if basis else None,
        agreement=_agreements(stage, question, ratings),
        ideas=_ideas(stage, question, ratings, calibrated, basis),
        raters=_raters(stage, ratings, calibrated) if ratings else (),
        withheld_from=question.withheld_from,
        withheld_units=question.withheld_units,
    )


def _sum(stage: Stage, sheet: Sheet) -> float:
    """The weighted sum of one rater, as the legal score makes it of the means."""
    points = dict(sheet.points)
    parts = (one.weight.value * points[one.code] / one.scale.value.max for one in stage.criteria)
    return float(sum(parts, Decimal(0)))


def _fitted(ratings: Table, raters: str) -> Fit | None:
    try:
        return fit(ratings, "random" if raters == "random" else "fixed" if raters == "fixed" else "none")
    except NoVariation:
        return None


def _agreements(stage: Stage, question: Question, ratings: Table | None) -> tuple[Agreement, ...]:
    """On the weighted sum, and on each criterion where there are several."""
    tables: list[tuple[str, Table]] = [(SUM, ratings)] if ratings else []
    for criterion in stage.criteria if len(stage.criteria) > 1 else ():
        given = [
            Rating(sheet.idea, sheet.rater, float(points))
            for sheet in question.sheets
            for code, points in sheet.points
            if code == criterion.code
        ]
        tables += [(criterion.code, table(given))] if given else []
    rules = stage.calibration
    return tuple(
        _agreement(
            of,
            reliability(
                one,
                level=float(rules.level.value) / 100,
                resamples=rules.resamples.value,
                random=generator(question.seed, AGREEMENT + place),
            ),
        )
        for place, (of, one) in enumerate(tables)
    )


def _agreement(of: str, found: Reliability) -> Agreement:
    return Agreement(
        of=of,
        ideas=found.ideas,
        raters=found.raters,
        ratings=found.ratings,
        icc1=_estimate(found.icc1),
        icck=_estimate(found.icck),
        k=None if found.k is None else _rounded(found.k, 2),
        alpha=_estimate(found.alpha),
    )


def _ideas(
    stage: Stage, question: Question, ratings: Table | None, calibrated: Fit | None, basis: Fit | None
) -> tuple[IdeaFigures, ...]:
    place = {idea: n for n, idea in enumerate(ratings.ideas)} if ratings else {}
    chances = _chances(stage, question, basis)
    return tuple(
        IdeaFigures(
            idea_id=idea,
            legal=legal,
            calibrated=_figure(stage, calibrated.scores, calibrated.errors, place[idea])
            if calibrated and idea in place
            else None,
            top=_rounded(float(chances[place[idea]]), COEFFICIENT_PLACES)
            if chances is not None and idea in place
            else None,
        )
        for idea, legal in sorted(question.legal)
    )


def _chances(stage: Stage, question: Question, basis: Fit | None) -> Floats | None:
    if basis is None:
        return None
    top = min(question.top, len(basis.scores))
    draws = stage.calibration.resamples.value
    return in_top(basis, top, draws=draws, random=generator(question.seed, CHANCES))


def _raters(stage: Stage, ratings: Table, calibrated: Fit | None) -> tuple[RaterFigures, ...]:
    return tuple(
        RaterFigures(
            rater_id=rater,
            ratings=int(count),
            share=_rounded(float(count) / len(ratings.points), COEFFICIENT_PLACES),
            severity=_figure(stage, calibrated.severity, calibrated.severity_error, n) if calibrated else None,
            fit=_rounded(float(calibrated.misfit[n]), FIT_PLACES) if calibrated else None,
        )
        for n, (rater, count) in enumerate(zip(ratings.raters, ratings.per_rater, strict=True))
    )


def _components(found: Fit) -> Components:
    return Components(
        ideas=_rounded(found.idea_variance, VARIANCE_PLACES),
        raters=None if found.rater_variance is None else _rounded(found.rater_variance, VARIANCE_PLACES),
        residual=_rounded(found.residual_variance, VARIANCE_PLACES),
        level=_rounded(found.level, VARIANCE_PLACES),
    )


def _figure(stage: Stage, values: Sequence[float] | Floats, errors: Floats, place: int) -> Figure:
    """A value with the interval of the pack's level, to the places of the legal score."""
    places = stage.sum_places.value
    wide = NormalDist().inv_cdf(0.5 + float(stage.calibration.level.value) / 200) * float(errors[place])
    value = float(values[place])
    return Figure(
        value=_rounded(value, places), low=_rounded(value - wide, places), high=_rounded(value + wide, places)
    )


def _estimate(found: Estimate | None) -> Figure | None:
    if found is None:
        return None
    low, high = (None if edge is None else _rounded(edge, COEFFICIENT_PLACES) for edge in (found.low, found.high))
    return Figure(value=_rounded(found.value, COEFFICIENT_PLACES), low=low, high=high)


def _rounded(value: float, places: int) -> Decimal:
    """Rounded, and never a negative zero."""
    return round(Decimal(value), places) + Decimal(0)
