"""The task as a linear programme for HiGHS: rows and columns, lexicographic objectives, cuts for linkage.

Every idea's raters, its outsiders and every rater's load are sums over two nested families of pairs, so the matrix is
totally unimodular: the simplex method already ends in whole numbers. Only the cuts that linkage needs break that; where
they leave fractions the same model is solved again over whole numbers.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import highspy
import numpy as np

from services.evaluation.domain.task import Pair, Part, Task, parts_of

Solution = frozenset[Pair]

SOLVER = f"HiGHS {highspy.HIGHS_VERSION_MAJOR}.{highspy.HIGHS_VERSION_MINOR}.{highspy.HIGHS_VERSION_PATCH}"
"""Name and version of the solver, recorded with what it found."""

TOLERANCE = 1e-6
"""What is nearer to a whole number than this is that number."""


class Model:
    """One task in the solver. Besides the pairs there are columns by which a diagnosis may give way, shut at first.

    `short[idea]`: raters that an idea does without; `extra[idea]`: raters beyond those asked for; `waived[idea]`:
    outsiders that it does without; `raised`: by how much all load limits are raised.
    """

    def __init__(self, task: Task) -> None:
        self.task = task
        ideas = sorted(task.ideas, key=lambda idea: idea.idea_id)
        raters = sorted(task.raters, key=lambda rater: rater.person_id)
        home = {rater.person_id: rater.department for rater in raters}
        self.pairs: list[Pair] = [
            (idea.idea_id, rater.person_id)
            for idea in ideas
            for rater in raters
            if (idea.idea_id, rater.person_id) not in task.conflicts
        ]
        self._column = {pair: number for number, pair in enumerate(self.pairs)}
        count = len(self.pairs)
        places = range(len(ideas))
        self.short = {ideas[n].idea_id: count + n for n in places}
        self.extra = {ideas[n].idea_id: count + len(ideas) + n for n in places}
        self.waived = {ideas[n].idea_id: count + 2 * len(ideas) + n for n in places}
        self.raised = count + 3 * len(ideas)

        self._solver = highspy.Highs()
        for option, value in _OPTIONS.items():
            self._solver.setOptionValue(option, value)
        for number in range(self.raised + 1):
            fixed = number < count and self.pairs[number] in task.fixed
            self._solver.addVar(float(fixed), float(number < count))
        of_idea: dict[str, list[int]] = {idea.idea_id: [] for idea in ideas}
        outside: dict[str, list[int]] = {idea.idea_id: [] for idea in ideas}
        of_rater: dict[str, list[int]] = {rater.person_id: [] for rater in raters}
        department = {idea.idea_id: idea.department for idea in ideas}
        for number, (idea_id, rater) in enumerate(self.pairs):
            of_idea[idea_id].append(number)
            of_rater[rater].append(number)
            if home[rater] != department[idea_id]:
                outside[idea_id].append(number)
        for idea in ideas:
            key = idea.idea_id
            self._row(idea.raters, idea.raters, [*of_idea[key], self.short[key]], {self.extra[key]: -1})
            if idea.outsiders:
                self._row(idea.outsiders, highspy.kHighsInf, [*outside[key], self.waived[key]])
        for rater in raters:
            self._row(-highspy.kHighsInf, rater.limit, of_rater[rater.person_id], {self.raised: -1})

    def free(self, columns: Mapping[int, float]) -> None:
        """Let the model give way in these columns, each up to a limit."""
        for column, most in columns.items():
            self._solver.changeColBounds(column, 0.0, most)

    def fix(self, pairs: Iterable[Pair]) -> None:
        """These pairs are to be."""
        for pair in pairs:
            self._solver.changeColBounds(self._column[pair], 1.0, 1.0)

    def minimise(self, costs: Mapping[int, float], *, linked: bool) -> float | None:
        """The least cost, None where nothing satisfies the rows. What was found is in `chosen` and `value`."""
        self._aim(costs)
        while self._run(linked=linked):
            if not linked or not self._cut_off(parts_of(self.chosen)):
                return float(self._solver.getObjectiveValue())
        return None

    def bound(self, costs: Mapping[int, float]) -> float:
        """The least cost over real numbers. Raises ValueError where nothing satisfies the rows."""
        self._aim(costs)
        if not self._solve():
            raise ValueError("nothing satisfies the rows")
        return float(self._solver.getObjectiveValue())

    def hold(self, costs: Mapping[int, float], most: float) -> None:
        """From now on these costs are `most` at most."""
        self._row(-highspy.kHighsInf, most, [], costs)

    def columns(self, costs: Mapping[Pair, int]) -> dict[int, float]:
        """Costs of pairs as costs of columns; those that are no columns, or cost nothing, are left out."""
        return {self._column[pair]: float(cost) for pair, cost in costs.items() if cost and pair in self._column}

    @property
    def chosen(self) -> Solution:
        """The pairs of the last solution."""
        return frozenset(pair for pair, x in zip(self.pairs, self._values, strict=False) if x > 0.5)

    def value(self, column: int) -> float:
        """What the last solution gave way in this column."""
        return self._values[column]

    def _aim(self, costs: Mapping[int, float]) -> None:
        columns = np.arange(self.raised + 1, dtype=np.int32)
        vector = np.zeros(len(columns))
        for column, cost in costs.items():
            vector[column] = cost
        self._solver.changeColsCost(len(columns), columns, vector)

    def _run(self, *, linked: bool) -> bool:
        """Solve, over whole numbers where the cuts have left fractions that no further cut takes away."""
        while self._solve():
            if all(abs(x - round(x)) < TOLERANCE for x in self._values):
                return True
            if linked and self._cut_off(self._sure_parts()):
                continue
            self._integer(highspy.HighsVarType.kInteger)
            found = self._solve()
            self._integer(highspy.HighsVarType.kContinuous)
            return found
        return False

    def _solve(self) -> bool:
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == highspy.HighsModelStatus.kInfeasible:
            return False
        if status != highspy.HighsModelStatus.kOptimal:
            raise RuntimeError(f"the solver gave up: {self._solver.modelStatusToString(status)}")
        self._values: Sequence[float] = list(self._solver.getSolution().col_value)
        return True

    def _integer(self, kind: highspy.HighsVarType) -> None:
        for column in range(self.raised + 1):
            self._solver.changeColIntegrality(column, kind)

    def _sure_parts(self) -> list[Part]:
        """The parts over whole pairs of a solution with fractions; ideas without one are parts of their own."""
        sure = [pair for pair, x in zip(self.pairs, self._values, strict=False) if x > 1 - TOLERANCE]
        parts = parts_of(sure)
        alone = {idea.idea_id for idea in self.task.ideas} - {idea_id for idea_id, _ in sure}
        return [*parts, *(Part(frozenset({idea_id}), frozenset()) for idea_id in sorted(alone))]

    def _cut_off(self, parts: Sequence[Part]) -> bool:
        """Cut off the last solution, if it joins these parts too little: together they need one rating less than parts.

        So much holds in every linked assignment, because each part has an idea and each idea has raters; and likewise
        that each part has a rating across its border.
        """
        idea_in = {idea_id: number for number, part in enumerate(parts) for idea_id in part.ideas}
        rater_in = {rater: number for number, part in enumerate(parts) for rater in part.raters}
        across: list[list[int]] = [[] for _ in parts]
        everywhere: list[int] = []
        for column, (idea_id, rater) in enumerate(self.pairs):
            at, to = idea_in[idea_id], rater_in.get(rater)
            if at != to:
                everywhere.append(column)
                across[at].append(column)
                if to is not None:
                    across[to].append(column)
        if sum(self._values[column] for column in everywhere) > len(parts) - 1 - TOLERANCE:
            return False
        self._row(len(parts) - 1, highspy.kHighsInf, everywhere)
        for columns in across if 2 < len(parts) <= _FEW else ():
            self._row(1, highspy.kHighsInf, columns)
        return True

    def _row(self, least: float, most: float, ones: Sequence[int], others: Mapping[int, float] | None = None) -> None:
        entries = {**dict.fromkeys(ones, 1.0), **(others or {})}
        indices = np.fromiter(entries.keys(), dtype=np.int32, count=len(entries))
        values = np.fromiter(entries.values(), dtype=np.float64, count=len(entries))
        self._solver.addRow(least, most, len(entries), indices, values)


_FEW = 40
"""Up to so many parts each gets a cut of its own."""

_OPTIONS: dict[str, Any] = {
    "output_flag": False,
    "threads": 1,  # one worker is one process; the result does not depend on how many cores there are
    "random_seed": 0,  # the draw is in the costs, where it can be checked, not in the solver
    "solver": "simplex",
    "mip_rel_gap": 0.0,
    "mip_abs_gap": 0.5,  # costs are whole numbers
}
