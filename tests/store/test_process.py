"""Names of processes: never used twice, and gone when the process is."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from shared.store import process


def test_this_process_is_alive() -> None:
    assert process.name() == process.name(os.getpid())
    assert process.alive(process.name())


def test_a_process_that_has_ended_is_not() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        name = process.name(child.pid)
        assert process.alive(name)
        child.communicate(b"\n")
    assert not process.alive(name)
    with pytest.raises(ProcessLookupError):
        process.name(child.pid)


@pytest.mark.skipif(sys.platform != "linux", reason="only there is it known when one started")
@pytest.mark.parametrize("part", [1, 2], ids=["an earlier one", "before the machine started"])
def test_another_process_of_the_same_number_is_not_the_same(part: int) -> None:
    parts = process.name().split()
    parts[part] = "0"
    assert not process.alive(" ".join(parts))


def test_a_process_that_never_was_is_not() -> None:
    assert not process.alive("999999999 1 x")
