"""Worked examples that others have published, for tests of the figures beside the legal score."""

from collections.abc import Sequence

from services.evaluation.analysis.ratings import Rating, Table, table

SHROUT_FLEISS = ((9, 2, 5, 8), (6, 1, 3, 2), (8, 4, 6, 8), (7, 1, 2, 6), (10, 5, 6, 9), (6, 2, 4, 7))
"""Six targets by four judges: Shrout and Fleiss (1979), Psychological Bulletin 86(2), table 2.

ICC(1,1) is .17, ICC(1,4) is .44.
"""

KRIPPENDORFF = (
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)
"""Four observers by twelve units, some missing: Krippendorff (2011), example C. Alpha for interval data is .849."""

ENCYCLOPEDIA = (
    "* * * * * 3 4 1 2 1 1 3 3 * 3",
    "1 * 2 1 3 3 4 3 * * * * * * *",
    "* * 2 1 3 4 4 * 2 1 1 3 3 * 4",
)
"""Three coders by fifteen units: the computational example of Wikipedia's article on alpha. Interval: .811."""

PENICILLIN = (
    *(27, 23, 26, 23, 23, 21, 27, 23, 26, 23, 23, 21, 25, 21, 25, 24, 24, 20, 26, 23, 25, 23, 23, 20, 25, 22, 26, 22),
    *(23, 20, 24, 22, 25, 23, 22, 19, 24, 20, 23, 21, 22, 19, 26, 22, 26, 24, 24, 21, 24, 21, 24, 22, 22, 20, 24, 21),
    *(24, 23, 22, 19, 26, 23, 26, 24, 24, 21, 25, 22, 26, 24, 24, 20, 26, 24, 26, 24, 25, 22, 26, 23, 26, 23, 23, 20),
    *(26, 23, 25, 24, 24, 22, 25, 22, 25, 23, 23, 20, 25, 21, 24, 23, 23, 20, 25, 22, 24, 23, 23, 19, 24, 21, 23, 21),
    *(21, 19, 26, 23, 26, 24, 24, 21, 25, 21, 24, 22, 22, 18, 25, 22, 25, 22, 22, 20, 24, 21, 24, 22, 24, 19, 24, 21),
    *(24, 22, 21, 18),
)
"""Six samples on each of 24 plates, plate by plate: Davies and Goldsmith (1972), section 6.6.

The fit by restricted maximum likelihood is in the documentation of lme4 and of MixedModels.jl: criterion
330.8605889911, variances .716908 (plates), 3.730903 (samples), .302415 (residual), level 22.972222 with standard error
.8085732.
"""

CITATIONS = {
    ("Biometrika", "Comm Statist"): (730, 33),
    ("Biometrika", "JASA"): (498, 320),
    ("Biometrika", "JRSS-B"): (221, 284),
    ("Comm Statist", "JASA"): (68, 813),
    ("Comm Statist", "JRSS-B"): (17, 276),
    ("JASA", "JRSS-B"): (142, 325),
}
"""Who is cited by whom among four journals: Stigler (1994), Agresti (2002) p. 448.

Bradley-Terry strengths against Biometrika: -2.949 (s.e. .103), -.480 (.061), .269 (.071); Turner and Firth (2012),
doi:10.18637/jss.v048.i09.
"""


def crossed(rows: Sequence[Sequence[float]]) -> Table:
    """Ideas by raters, complete."""
    return table(
        Rating(f"i-{idea:02}", f"r-{rater:02}", points)
        for idea, row in enumerate(rows)
        for rater, points in enumerate(row)
    )


def observed(rows: Sequence[str]) -> Table:
    """Observers by units, with gaps."""
    return table(
        Rating(f"u-{unit:02}", f"o-{observer}", float(points))
        for observer, row in enumerate(rows)
        for unit, points in enumerate(row.split())
        if points not in "*."
    )


def penicillin() -> Table:
    """The samples are the ideas here, the plates the raters."""
    return table(
        Rating(f"sample-{place % 6}", f"plate-{place // 6:02}", float(diameter))
        for place, diameter in enumerate(PENICILLIN)
    )
