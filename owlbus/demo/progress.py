"""What is seen while a scenario runs: its phases, each with a bar, and how long each took."""

import time
from collections.abc import Generator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn


class Show:
    """Live progress on a terminal, one line a phase; plain lines where there is no terminal."""

    def __init__(self, console: Console) -> None:
        self.seconds: dict[str, float] = {}
        self._console = console
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    @contextmanager
    def running(self) -> Generator[None]:
        """Show it while the block runs."""
        with self._bars:
            yield

    @contextmanager
    def phase(self, code: str, text: str, total: int = 1) -> "Generator[Phase]":
        """One phase of so many steps; its time is kept under `code`."""
        started = time.monotonic()
        bar = self._bars.add_task(text, total=total)
        phase = Phase(self._bars, bar)
        yield phase
        self._bars.update(bar, total=max(phase.done, 1), completed=max(phase.done, 1))
        self.seconds[code] = round(time.monotonic() - started, 2)
        if not self._console.is_terminal:
            self._console.print(f"{text}: {self.seconds[code]:.1f} s", highlight=False)


class Phase:
    """Steps of one phase."""

    def __init__(self, bars: Progress, bar: TaskID) -> None:
        self.done = 0
        self._bars = bars
        self._bar = bar

    def step(self, count: int = 1) -> None:
        """So many more steps are done."""
        self.done += count
        self._bars.advance(self._bar, count)
