"""How this process deals with memory that it has freed."""

import ctypes
import sys

_M_TRIM_THRESHOLD = -1
_M_TOP_PAD = -2
_M_MMAP_THRESHOLD = -3
"""Parameters of mallopt(3)."""

KEPT_BYTES = 256 * 1024 * 1024
STEP_BYTES = 16 * 1024 * 1024
LARGE_BYTES = 32 * 1024 * 1024


def keep_freed_memory() -> bool:
    """Keep what is freed for what comes next, rather than hand it to the system and ask for it again; False elsewhere.

    A service frees a batch and at once needs as much for the next one. With the C library's own thresholds every page
    of it is given back and then comes again by a page fault: writing an event took 7.4 µs instead of 2.8
    (docs/benchmarks.md). At most `KEPT_BYTES` are kept. Does nothing where there is no glibc.
    """
    if not sys.platform.startswith("linux"):
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    wanted = ((_M_TRIM_THRESHOLD, KEPT_BYTES), (_M_TOP_PAD, STEP_BYTES), (_M_MMAP_THRESHOLD, LARGE_BYTES))
    return all([mallopt(parameter, value) == 1 for parameter, value in wanted])
