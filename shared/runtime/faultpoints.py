"""Named points at which a test may kill the process, so that every crash of docs/invariants.md happens for real.

Inert unless the environment names a point: `OWLBUS_CRASH_AT=after_commit:3` ends the process, as `kill -9` would,
when it reaches that point for the third time. Only honoured in the development environment.
"""

import os
import signal

POINTS = ("before_commit", "after_commit", "after_publish", "after_cursor", "after_offset_commit")
"""The points of a service."""

REPARTITION_POINTS = ("after_fence", "after_proof", "after_growth", "after_placing", "after_switch")
"""Those of `owlbus ops repartition`."""

_name, _, _count = os.environ.get("OWLBUS_CRASH_AT", "").partition(":")
if os.environ.get("OWLBUS_ENVIRONMENT") != "development":
    _name = ""
_left = [int(_count or 1)]


def reached(point: str) -> None:
    """End the process here if the environment asked for it."""
    if point != _name:
        return
    _left[0] -= 1
    if _left[0] == 0:
        os.kill(os.getpid(), signal.SIGKILL)
