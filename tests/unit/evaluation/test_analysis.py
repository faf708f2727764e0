"""The figures beside the legal score, against published examples and against a second, direct implementation."""

from itertools import permutations
from typing import Any, Literal, cast

import numpy as np
import pytest
from scipy import optimize

from services.evaluation.analysis.chances import in_top
from services.evaluation.analysis.mixed import Fit, NoVariation, fit
from services.evaluation.analysis.pairs import strengths, strongly_connected
from services.evaluation.analysis.ratings import Floats, Rating, Table, generator, table
from services.evaluation.analysis.reliability import Estimate, Reliability, reliability
from tests.unit.evaluation.published import (
    CITATIONS,
    ENCYCLOPEDIA,
    KRIPPENDORFF,
    SHROUT_FLEISS,
    crossed,
    observed,
    penicillin,
)


def agreement(ratings: Table, seed: int = 1) -> Reliability:
    return reliability(ratings, level=0.95, resamples=400, random=generator(seed, 1))


def value(estimate: Estimate | None) -> float:
    assert estimate is not None
    return estimate.value


def simulated(
    ideas: int, raters: int, each: int, *, seed: int, spread: float = 5.0, severity: float = 4.0, rest: float = 6.0
) -> tuple[Table, Floats, Floats]:
    """Ratings by lot from known qualities and severities."""
    random = np.random.default_rng(seed)
    quality, strict = random.normal(0, spread, ideas), random.normal(0, severity, raters)
    ratings = [
        Rating(f"i-{idea:03}", f"r-{rater:02}", 60 + quality[idea] - strict[rater] + random.normal(0, rest))
        for idea in range(ideas)
        for rater in random.choice(raters, each, replace=False)
    ]
    return table(ratings), quality, strict


def rows_of(ratings: Table) -> list[Rating]:
    return [
        Rating(ratings.ideas[int(i)], ratings.raters[int(r)], float(points))
        for i, r, points in zip(ratings.idea, ratings.rater, ratings.points, strict=True)
    ]


# --- published examples


def test_icc_of_shrout_and_fleiss() -> None:
    found = agreement(crossed(SHROUT_FLEISS))
    assert (round(value(found.icc1), 2), round(value(found.icck), 2), found.k) == (0.17, 0.44, 4.0)
    assert (found.ideas, found.raters, found.ratings) == (6, 4, 24)


@pytest.mark.parametrize(("rows", "alpha"), [(KRIPPENDORFF, 0.849), (ENCYCLOPEDIA, 0.811)])
def test_alpha_of_krippendorff(rows: tuple[str, ...], alpha: float) -> None:
    assert round(value(agreement(observed(rows)).alpha), 3) == alpha


def test_the_crossed_model_of_lme4() -> None:
    found = fit(penicillin(), "random")
    assert found.criterion == pytest.approx(330.8605889911, abs=1e-6)
    assert found.rater_variance == pytest.approx(0.716908, abs=1e-5)
    assert found.idea_variance == pytest.approx(3.730903, abs=1e-4)
    assert found.residual_variance == pytest.approx(0.302415, abs=1e-5)
    assert (found.level, found.level_error) == (pytest.approx(22.9722222), pytest.approx(0.8085732, abs=1e-5))


def test_bradley_terry_of_the_citations() -> None:
    journals = sorted({journal for pair in CITATIONS for journal in pair})
    wins: list[tuple[int, int]] = []
    for (one, other), (for_one, for_other) in CITATIONS.items():
        pair = (journals.index(one), journals.index(other))
        wins += [pair] * for_one + [(pair[1], pair[0])] * for_other
    found = strengths(len(journals), wins, None)
    against = found.strengths - found.strengths[journals.index("Biometrika")]
    assert [round(float(one), 3) for one in against] == [0.0, -2.949, -0.480, 0.269]
    contrast = np.eye(4) - np.eye(4)[journals.index("Biometrika")]
    errors = np.sqrt(np.diag(contrast @ found.covariance @ contrast.T))
    assert [round(float(one), 3) for one in errors] == [0.0, 0.103, 0.061, 0.071]
    assert found.separation is not None and found.separation > 0.99


# --- a second implementation


def direct_icc(ratings: Table) -> float:
    """The analysis of variance, idea by idea."""
    groups = [ratings.points[ratings.idea == idea] for idea in range(len(ratings.ideas))]
    everything = np.concatenate(groups)
    number, ideas = len(everything), len(groups)
    between = sum(len(group) * (group.mean() - everything.mean()) ** 2 for group in groups) / (ideas - 1)
    within = sum(((group - group.mean()) ** 2).sum() for group in groups) / (number - ideas)
    k = (number - sum(len(group) ** 2 for group in groups) / number) / (ideas - 1)
    return float((between - within) / (between + (k - 1) * within))


def direct_alpha(ratings: Table) -> float:
    """Over every pair of values, as Krippendorff defines it."""
    groups = [list(ratings.points[ratings.idea == idea]) for idea in range(len(ratings.ideas))]
    groups = [group for group in groups if len(group) > 1]
    pairable = [point for group in groups for point in group]
    observed_ = sum((a - b) ** 2 / (len(group) - 1) for group in groups for a, b in permutations(group, 2))
    expected = sum((a - b) ** 2 for a, b in permutations(pairable, 2)) / (len(pairable) - 1)
    return float(1 - observed_ / expected)


def direct_model(ratings: Table, raters: Literal["random", "fixed"]) -> dict[str, Any]:
    """The restricted likelihood of the whole covariance matrix, written down and inverted as it stands."""
    by_idea = np.eye(len(ratings.ideas))[ratings.idea]
    by_rater = np.eye(len(ratings.raters))[ratings.rater]
    number = len(ratings.points)
    design = np.ones((number, 1)) if raters == "random" else by_rater

    def parts(logs: Floats) -> tuple[Floats, Floats, Floats, float]:  # inverse, beta, residual, criterion
        idea, rest = np.exp(logs[0]), np.exp(logs[1])
        covariance = idea * by_idea @ by_idea.T + rest * np.eye(number)
        if raters == "random":
            covariance = covariance + np.exp(logs[2]) * by_rater @ by_rater.T
        inverse = np.asarray(np.linalg.inv(covariance), dtype=np.float64)
        information = design.T @ inverse @ design
        beta = np.asarray(np.linalg.solve(information, design.T @ inverse @ ratings.points), dtype=np.float64)
        residual = ratings.points - design @ beta
        criterion = (
            np.linalg.slogdet(covariance)[1]
            + np.linalg.slogdet(information)[1]
            + residual @ inverse @ residual
            + (number - design.shape[1]) * np.log(2 * np.pi)
        )
        return inverse, beta, residual, float(criterion)

    width = 3 if raters == "random" else 2

    def criterion_at(logs: Floats) -> float:
        return parts(logs)[3]

    options = {"xatol": 1e-8, "fatol": 1e-9}
    found = cast(Any, optimize).minimize(criterion_at, np.full(width, 3.0), method="Nelder-Mead", options=options)
    inverse, beta, residual, criterion = parts(found.x)
    variances = np.exp(found.x)
    return {
        "criterion": criterion,
        "idea": variances[0],
        "residual": variances[1],
        "scores": beta.mean() + variances[0] * by_idea.T @ inverse @ residual,
        "severity": -variances[2] * by_rater.T @ inverse @ residual if raters == "random" else beta.mean() - beta,
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_agreement_with_gaps_is_what_the_definitions_give(seed: int) -> None:
    ratings, _, _ = simulated(12, 6, 2, seed=seed)
    ragged = table(row for place, row in enumerate(rows_of(ratings)) if place % 5)
    found = agreement(ragged)
    assert value(found.icc1) == pytest.approx(direct_icc(ragged))
    assert value(found.alpha) == pytest.approx(direct_alpha(ragged))


@pytest.mark.parametrize("raters", ["random", "fixed"])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_unbalanced_model_is_what_the_whole_covariance_matrix_gives(
    seed: int, raters: Literal["random", "fixed"]
) -> None:
    ratings, _, _ = simulated(25, 6, 3, seed=seed)
    found, direct = fit(ratings, raters), direct_model(ratings, raters)
    assert found.criterion == pytest.approx(direct["criterion"], abs=1e-5)
    assert found.idea_variance == pytest.approx(direct["idea"], rel=1e-3)
    assert found.residual_variance == pytest.approx(direct["residual"], rel=1e-3)
    assert found.scores == pytest.approx(direct["scores"], abs=1e-2)
    assert found.severity == pytest.approx(direct["severity"], abs=1e-2)


def test_errors_are_those_of_the_whole_equations() -> None:
    """Henderson's equations, all of them, inverted."""
    ratings, _, _ = simulated(15, 5, 3, seed=4)
    found = fit(ratings, "random")
    assert found.rater_variance is not None
    by_idea = np.eye(len(ratings.ideas))[ratings.idea]
    by_rater = np.eye(len(ratings.raters))[ratings.rater]
    design = np.hstack([np.ones((len(ratings.points), 1)), by_idea, by_rater])
    ratios = [found.residual_variance / found.idea_variance] * len(ratings.ideas)
    ratios += [found.residual_variance / found.rater_variance] * len(ratings.raters)
    inverse = np.linalg.inv(design.T @ design + np.diag([0.0, *ratios])) * found.residual_variance
    target = np.hstack([np.ones((15, 1)), np.eye(15), np.zeros((15, 5))])
    assert np.diag(found.own) + found.loading @ found.loading.T == pytest.approx(target @ inverse @ target.T, abs=1e-8)
    strict = np.hstack([np.zeros((5, 16)), np.eye(5)])
    assert found.severity_error == pytest.approx(np.sqrt(np.diag(strict @ inverse @ strict.T)))


def test_strengths_are_where_the_penalised_likelihood_is_greatest() -> None:
    wins = [(0, 1), (1, 2), (0, 2), (2, 3), (0, 3), (1, 3)]

    def lost(strength: Floats) -> float:
        apart = np.array([strength[winner] - strength[loser] for winner, loser in wins])
        return float(np.logaddexp(0, -apart).sum() + (strength**2).sum() / (2 * 4.0))

    direct = cast(Any, optimize).minimize(lost, np.zeros(4), method="BFGS", options={"gtol": 1e-8})
    found = strengths(4, wins, 4.0)
    assert found.strengths == pytest.approx(direct.x - direct.x.mean(), abs=1e-4)
    step = np.eye(4) * 1e-4
    curved = [
        [lost(direct.x + a + b) - lost(direct.x + a) - lost(direct.x + b) + lost(direct.x) for b in step] for a in step
    ]
    centred = np.eye(4) - 0.25
    assert found.covariance == pytest.approx(centred @ np.linalg.inv(np.array(curved) / 1e-8) @ centred, rel=1e-2)


# --- what must hold


def test_a_correction_comes_nearer_to_the_truth_and_finds_who_is_strict() -> None:
    ratings, quality, strict = simulated(200, 20, 3, seed=5)
    found = fit(ratings, "random")
    corrected = float(np.corrcoef(found.scores, quality)[0, 1])
    plain = float(np.corrcoef(ratings.means, quality)[0, 1])
    assert corrected > plain + 0.05
    assert np.corrcoef(found.severity, strict)[0, 1] > 0.95
    assert found.misfit.mean() == pytest.approx(1.0, abs=0.15)


def test_with_raters_of_the_own_department_only_a_correction_makes_it_worse() -> None:
    """Why the gate is there: strong departments look lenient, and are corrected down."""
    random = np.random.default_rng(6)
    ratings: list[Rating] = []
    quality: list[float] = []
    for department in range(10):
        level = random.normal(0, 6)
        for idea in range(20):
            quality.append(level + random.normal(0, 3))
            for rater in random.choice(4, 2, replace=False):
                points = 60 + quality[-1] + random.normal(0, 5)
                ratings.append(Rating(f"i-{department}-{idea:02}", f"r-{department}-{rater}", points))
    one = table(ratings)
    found = fit(one, "random")
    assert np.corrcoef(found.scores, quality)[0, 1] < np.corrcoef(one.means, quality)[0, 1]


def test_intervals_hold_what_they_promise() -> None:
    covered: list[bool] = []
    for seed in range(20):
        ratings, quality, strict = simulated(60, 12, 3, seed=100 + seed)
        found = fit(ratings, "random")
        truth = 60 + quality - strict.mean()
        apart = np.abs(found.scores - truth - (found.scores - truth).mean())
        covered += list(apart <= 1.96 * found.errors)
    assert 0.92 <= float(np.mean(covered)) <= 0.98


def test_an_idea_variance_of_zero_is_found_as_such() -> None:
    """Two raters who contradict each other on every idea: no idea is better than another."""
    found = fit(crossed([(1, 3), (3, 1), (1, 3), (3, 1), (2, 2)]), "random")
    assert found.idea_variance == pytest.approx(0, abs=1e-6)
    assert found.scores == pytest.approx(np.full(5, 2.0), abs=1e-4)


@pytest.mark.parametrize("rows", [[(5, 5), (5, 5)], [(1, 1), (2, 2), (5, 5)], [(1,), (2,)]])
def test_ratings_that_do_not_vary_or_are_too_few_leave_nothing_to_estimate(rows: list[tuple[float, ...]]) -> None:
    with pytest.raises(NoVariation):
        fit(crossed(rows), "random")
    found = agreement(crossed(rows))
    assert found.alpha is None or found.alpha.value == 1.0


def certain(scores: list[float], error: float) -> Fit:
    fitted = fit(penicillin(), "none")
    width = len(scores)
    changes: dict[str, Any] = {
        "scores": np.array(scores),
        "own": np.full(width, error**2),
        "loading": np.zeros((width, 1)),
    }
    return Fit(**{**vars(fitted), **changes})


def test_chances_of_the_top_add_up_and_follow_the_scores() -> None:
    far = in_top(certain([1, 9, 5, 7], 0.01), 2, draws=200, random=generator(1, 0))
    assert list(far) == [0, 1, 0, 1]
    near = in_top(certain([5, 5, 5, 5], 1.0), 1, draws=4000, random=generator(1, 0))
    assert near.sum() == pytest.approx(1) and near == pytest.approx(np.full(4, 0.25), abs=0.03)
    with pytest.raises(ValueError, match="no set"):
        in_top(certain([1, 2], 1.0), 3, draws=10, random=generator(1, 0))


def test_comparisons_that_do_not_connect_need_a_prior() -> None:
    wins = [(0, 1), (1, 2), (0, 2)]
    assert not strongly_connected(3, wins) and strongly_connected(3, [(0, 1), (1, 2), (2, 0)])
    with pytest.raises(ValueError, match="prior"):
        strengths(3, wins, None)
    first, second, third = strengths(3, wins, 1.0).strengths
    assert first > second > third


def test_ten_comparisons_an_idea_separate_ideas_that_differ() -> None:
    random = np.random.default_rng(7)
    truth = random.normal(0, 1.5, 10)
    wins: list[tuple[int, int]] = []
    for _ in range(50):
        one, other = random.choice(10, 2, replace=False)
        won = random.random() < 1 / (1 + np.exp(truth[other] - truth[one]))
        wins.append((int(one), int(other)) if won else (int(other), int(one)))
    found = strengths(10, wins, 4.0)
    assert np.corrcoef(found.strengths, truth)[0, 1] > 0.8
    assert found.separation is not None and 0.3 < found.separation < 1


def test_the_order_of_the_input_and_the_names_change_nothing() -> None:
    ratings, _, _ = simulated(20, 6, 3, seed=8)
    rows = rows_of(ratings)
    again = table(reversed(rows))
    assert agreement(again) == agreement(ratings) != agreement(ratings, seed=2)
    assert (fit(again, "random").scores == fit(ratings, "random").scores).all()
    with pytest.raises(ValueError, match="once"):
        table([rows[0], rows[0]])
