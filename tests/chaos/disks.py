"""Disks of a limited size for the servers: tmpfs mounts that only this process and its children see.

The whole run is started again in a mount namespace of its own, so that nothing is left of them however it ends. Needs
the right to do so (root); without it there are none, and the faults that need them are skipped.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

INSIDE = "OWLBUS_CHAOS_DISKS"
UNSHARE = ("unshare", "--mount", "--propagation", "private")
SIZES = {"kafka": "400m", "mongod": "1500m"}
"""By the server's directory; MongoDB keeps three journals of 100 MB and an oplog beside its data."""

BALLAST = "ballast"
PIECE = b"\0" * 1_000_000
SMALLEST = 256


def enter(module: str) -> None:
    """Run `module` with this process's arguments again, in a mount namespace of its own, if that can be had."""
    if os.environ.get(INSIDE) or shutil.which(UNSHARE[0]) is None:
        return
    probe = [*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    if subprocess.run(probe, capture_output=True, check=False).returncode:
        return
    os.environ[INSIDE] = "1"
    os.execvp(UNSHARE[0], [*UNSHARE, sys.executable, "-m", module, *sys.argv[1:]])


def available() -> bool:
    """Whether `mount` mounts anything."""
    return bool(os.environ.get(INSIDE))


def mount(directory: Path) -> None:
    """Give each server's directory below `directory` a disk of its own."""
    for name, size in SIZES.items():
        place = directory / name
        place.mkdir(parents=True)
        if available():
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=True)


def fill(disk: Path) -> None:
    """Write until nothing more goes in."""
    piece = PIECE
    with (disk / BALLAST).open("wb", buffering=0) as ballast:
        while len(piece) > SMALLEST:
            try:
                written = ballast.write(piece)
            except OSError:
                written = 0
            if written < len(piece):
                piece = piece[: len(piece) // 2]


def empty(disk: Path) -> None:
    """Delete what `fill` wrote."""
    (disk / BALLAST).unlink()
