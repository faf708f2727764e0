"""Freed memory is kept: counted in page faults, in processes of their own."""

import subprocess
import sys

import pytest

BATCHES = """
import resource, sys
from shared.runtime.memory import keep_freed_memory
if sys.argv[1] == "keep":
    assert keep_freed_memory()
for _ in range(10):
    batch = [bytes(2_000) for _ in range(20_000)]
    del batch
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt)
"""


def _faults(how: str) -> int:
    found = subprocess.run([sys.executable, "-c", BATCHES, how], capture_output=True, text=True, check=True)
    return int(found.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only glibc can be told")
def test_what_a_batch_frees_the_next_one_has_without_a_page_fault() -> None:
    assert _faults("keep") < _faults("give back") / 2
