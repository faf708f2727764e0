"""`python -m shared.rules check` verifies all packs and calendars; `lock` rewrites `packs.lock` for them."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from shared.rules.library import Library, read_lock
from shared.rules.loader import HOME


def main(arguments: list[str] | None = None) -> int:
    """Run one command; the answer is the exit status: 0 if nothing is wrong."""
    parser = argparse.ArgumentParser(prog="python -m shared.rules", description=__doc__)
    parser.add_argument("command", choices=["check", "lock"])
    library = Library.read(HOME)
    if parser.parse_args(arguments).command == "lock":
        return _lock(library)
    return _report(library)


def _lock(library: Library) -> int:
    text = library.lock_text()
    locked = replace(library, lock=read_lock(text))
    if status := _report(locked):
        return status
    (HOME / "packs.lock").write_text(text, "utf-8")
    for name, part in sorted(set(library.lock.items()) ^ set(locked.lock.items())):
        sys.stdout.write(f"{'now' if locked.lock.get(name) == part else 'was'} {' '.join(name)} {part[:12]}\n")
    return 0


def _report(library: Library) -> int:
    faults = list(library.faults())
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
