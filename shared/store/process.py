"""Which process is this, and is that one still alive: names that are never used twice."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path


def name(pid: int | None = None) -> str:
    """Return a process's name: its id and, where the system tells, when it started.

    A process id alone is given again after a while, and after every start of the machine.
    Raises OSError when there is no such process.
    """
    pid = os.getpid() if pid is None else pid
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        os.kill(pid, 0)  # no /proc here: at least there is such a process
        return str(pid)
    # proc(5): state and start time are fields 3 and 22; the name, field 2, may itself hold ") ".
    state, *rest = stat.rpartition(") ")[2].split()
    if state in {"Z", "X"}:
        raise ProcessLookupError  # dead, but not yet taken note of by its parent
    started = rest[18]
    return f"{pid} {started} {_boot()}"


@cache
def _boot() -> str:
    """Return what this start of the machine is known by."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def alive(process: str) -> bool:
    """Tell whether the process of this name still runs."""
    try:
        return name(int(process.split(maxsplit=1)[0])) == process
    except PermissionError:
        return True  # it runs, for another user, on a system without /proc
    except OSError:
        return False
