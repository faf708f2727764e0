"""Runs one server for as long as its owner lives, and not a moment longer.

    guard.py OWNER_PID GRACE_SECONDS COMMAND...

The server ends when the owner closes the guard's standard input, when the owner is gone (also by SIGKILL), when
the guard gets SIGTERM, and when the guard itself is killed. The owner's end is seen in two ways: the pipe alone
would miss it while a process that the owner forked still holds a copy, the pid descriptor alone needs a recent
kernel. The guard has one thread, because PR_SET_PDEATHSIG speaks of the parent *thread*.

Standard output carries one line, the server's pid; standard error is the server's log. Started as a script by an
isolated interpreter, so it imports the standard library only.
"""

import contextlib
import ctypes
import os
import select
import signal
import sys
import time
import types

PR_SET_PDEATHSIG = 1


def spawn(command: list[str], libc: ctypes.CDLL) -> int:
    """Start the server so that it dies with this process; its output goes to our standard error."""
    guard = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != guard:  # the guard died before the line above took hold
            os._exit(125)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(2, 1)
        os.execv(command[0], command)
    except BaseException as error:
        os.write(2, f"cannot start {command[0]}: {error}\n".encode())
        os._exit(127)


def heard(_number: int, _frame: types.FrameType | None) -> None:
    """A handler, so that the wake-up descriptor hears of the signal."""


def reap(pid: int) -> bool:
    """True once the server has ended."""
    done, _ = os.waitpid(pid, os.WNOHANG)
    return done == pid


def watch(pid: int, owner: int, wake: int) -> bool:
    """Wait until the server ends (True) or is to be ended (False)."""
    poll = select.poll()
    poll.register(0, select.POLLIN)
    poll.register(wake, select.POLLIN)
    with contextlib.suppress(OSError, AttributeError):
        poll.register(os.pidfd_open(owner), select.POLLIN)
    if os.getppid() != owner:
        return False
    while True:
        for descriptor, _ in poll.poll():
            if descriptor != wake:
                return False
            numbers = os.read(wake, 64)
            if reap(pid):
                return True
            if signal.SIGTERM in numbers:
                return False


def end(pid: int, wake: int, grace: float) -> None:
    """Ask the server to stop, insist after `grace` seconds."""
    os.kill(pid, signal.SIGTERM)
    os.kill(pid, signal.SIGCONT)  # it may be paused
    deadline = time.monotonic() + grace
    while not reap(pid):
        left = deadline - time.monotonic()
        if left <= 0:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return
        if select.select([wake], [], [], left)[0]:
            os.read(wake, 64)


def main(arguments: list[str]) -> None:
    owner, grace, command = int(arguments[0]), float(arguments[1]), arguments[2:]
    wake, woken = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    signal.set_wakeup_fd(woken, warn_on_full_buffer=False)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())  # the owner's mask is not ours
    for number in (signal.SIGCHLD, signal.SIGTERM):
        signal.signal(number, heard)
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    pid = spawn(command, ctypes.CDLL(None))
    with contextlib.suppress(OSError):
        os.write(1, f"{pid}\n".encode())
    os.close(1)
    if not watch(pid, owner, wake):
        end(pid, wake, grace)


if __name__ == "__main__":
    main(sys.argv[1:])
