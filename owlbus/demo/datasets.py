"""Three public data sets through the public import, counted at the end against their files.

Nothing is made up: what the files say is imported and checked, and each stage of reviews is closed by command.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from owlbus.client import until
from owlbus.demo.account import Account
from owlbus.demo.counts import CONSULTATIONS, FIRST, PETITIONS, REVIEWS, SECOND, SETS
from owlbus.demo.crew import Crew, Days, each
from owlbus.demo.progress import Show
from owlbus.errors import OwlbusError
from owlbus.imports.run import read_files
from owlbus.imports.send import Sending
from shared.intake.mapping import Mapping, load
from shared.intake.take import Intake

MAPS = Path(__file__).parent / "maps"

IMPORTS = (
    ("petitions.ideas", PETITIONS, "청원  petitions"),
    ("polis.ideas", CONSULTATIONS, "공개 토론 의견  statements"),
    ("expert.ideas", REVIEWS, "연구 제안  research ideas"),
    ("polis.votes", CONSULTATIONS, "투표  votes"),
    ("polis.decisions", CONSULTATIONS, "요건 검토  moderation"),
    ("expert.decisions", REVIEWS, "요건 검토  checks"),
    ("expert.scores", REVIEWS, "심사  reviews"),
)
"""Mapping file, data set and title, in their order: moderation carries no time, so votes come before it."""

SECOND_REVIEWS = ("expert.second_scores", REVIEWS, "수행 후 심사  second reviews")


def is_here(source: Path) -> bool:
    """Whether a directory holds all three sets."""
    return all((source / name).is_dir() for name in SETS)


def scenario_of(source: Path) -> Callable[[Crew, Days, Show, Account], Awaitable[str]]:
    """The scenario on the three sets below `source`. Raises OwlbusError where one can't be read."""
    files = {name: read(name, source / folder) for name, folder, _ in (*IMPORTS, SECOND_REVIEWS)}

    async def play(crew: Crew, days: Days, show: Show, account: Account) -> str:
        account.began = days.now().isoformat(timespec="seconds")
        await _Sets(crew, show, account, files).run()
        return ""

    return play


def read(name: str, source: Path) -> tuple[Mapping, Intake]:
    """A data set through one of its maps. Raises OwlbusError where a row can't be mapped."""
    mapping = load(MAPS / f"{name}.yaml")
    intake = read_files(mapping, [source], "en")
    for remark in intake.refused:
        raise OwlbusError(f"{name}: {remark.place}: {remark.problem.said('en')}")
    return mapping, intake


class _Sets:
    """The data sets on their way."""

    def __init__(self, crew: Crew, show: Show, account: Account, files: dict[str, tuple[Mapping, Intake]]) -> None:
        self.crew = crew
        self.show = show
        self.account = account
        self.files = files

    async def run(self) -> None:
        """All imports; each stage of the reviews is closed by its chair."""
        for name, _, title in IMPORTS:
            await self._import(name, title)
        await self._close(FIRST)
        name, _, title = SECOND_REVIEWS
        await self._import(name, title)
        await self._close(SECOND)

    async def _import(self, name: str, title: str) -> None:
        mapping, intake = self.files[name]
        with self.show.phase(name, title, len(intake.lines)) as phase:
            outcome = await Sending(self.crew.receiver, mapping.kind, step=phase.step).run(intake.lines)
        self.account.fault_list += [
            f"{name}: {line.place}: {problem['code']} {problem.get('detail', '')}" for line, problem in outcome.refused
        ]

    async def _close(self, stage: str) -> None:
        """Close every evaluation of the stage that has a review, and wait until all results are out."""
        reviewed = [one for one in await self._evaluations(stage) if one["sheets"]]
        with self.show.phase(f"close.{stage}", "심사 마감  closing", len(reviewed)) as phase:
            await each([f"/evaluations/{one['id']}/closing" for one in reviewed], self._post_closing, done=phase.step)

            async def disclosed() -> bool:
                return sum(one["phase"] == "disclosed" for one in await self._evaluations(stage)) == len(reviewed)

            await until(disclosed, f"{len(reviewed)} results of the stage {stage} are out")

    async def _post_closing(self, path: str) -> None:
        await self.crew.chair.post("evaluation", path, {})

    async def _evaluations(self, stage: str) -> list[dict[str, Any]]:
        return await self.crew.auditor.items("evaluation", f"/evaluations?stage={stage}&limit=200")
