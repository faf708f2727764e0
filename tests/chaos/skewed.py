"""`python -m tests.chaos.skewed`: the service that the environment names, in a process whose clock is off.

Everything that asks `shared.runtime.clock` for the time is told another one: recorded time, and the comparison with the
store's clock.
"""

import importlib
import os
from datetime import datetime, timedelta, tzinfo
from typing import Self

from shared.runtime import clock
from shared.runtime.app import run

SERVICE, SECONDS = "OWLBUS_CHAOS_SERVICE", "OWLBUS_CHAOS_SKEW_SECONDS"


class Skewed(datetime):
    """A datetime whose `now` is off."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        """The wrong time."""
        return super().now(tz) + timedelta(seconds=float(os.environ[SECONDS]))


if __name__ == "__main__":
    clock.datetime = Skewed  # pyright: ignore[reportPrivateImportUsage]
    run(importlib.import_module(f"services.{os.environ[SERVICE]}.service").SERVICE)
