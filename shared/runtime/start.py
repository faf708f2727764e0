"""The first thing a service's process does: import everything while the garbage collector does not look on.

What importing makes stays for as long as the process lives. Looking for garbage among it, again and again while it
grows, finds next to none and took a quarter of the processor time of a start.
"""

import gc
import importlib

COLLECT_AFTER = (50_000, 20, 100)
"""When the collector looks for cycles, which are rare here. At Python's own thresholds it took a third of the time."""


def start(module: str) -> None:
    """Run the service that `module` holds as SERVICE. Imports nothing else before the collector is off."""
    gc.disable()
    service = importlib.import_module(module).SERVICE
    importlib.import_module("shared.runtime.app").run(service)


def collect_seldom() -> None:
    """From here on garbage is looked for again, but not among what there is now: that lives for ever."""
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()
