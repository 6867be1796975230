"""The doorbell: a file beside the database that writers open and close, and readers watch.

Watching the database's own files would race with the commit: their events can come before the
change can be read. The bell rings after it.
"""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self


def ring(bell: Path) -> None:
    """Let all who watch know; make the bell if there is none. Raises OSError."""
    # To change its time, as a touch does, would go to the disk, in the way of the next commit.
    os.close(os.open(bell, os.O_WRONLY | os.O_CREAT, 0o666))


class Doorbell:
    """Wait for the bell to be rung. Use as a context manager."""

    can_hear = False
    """Without inotify, or with no watch of it left, :meth:`wait` only lets the time pass."""

    def __init__(self, bell: Path) -> None:
        self._bell = bell
        self._open = ExitStack()

    def __enter__(self) -> Self:
        if sys.platform == "linux":
            # Here, because a command that asks once and ends does not need it.
            from asyncinotify import Inotify, Mask  # noqa: PLC0415

            with ExitStack() as stack:
                try:
                    self._inotify = stack.enter_context(Inotify())
                    # The folder, not the file: the bell may be made anew.
                    self._inotify.add_watch(self._bell.parent, Mask.CLOSE_WRITE)
                except OSError:
                    return self
                self._open = stack.pop_all()
                self.can_hear = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    async def wait(self, seconds: float) -> bool:
        """Return True as soon as the bell has been rung, False after ``seconds`` of silence."""
        if not self.can_hear:
            await asyncio.sleep(seconds)
            return False
        try:
            async with asyncio.timeout(seconds):
                while (await self._inotify.get()).name != Path(self._bell.name):
                    pass
        except TimeoutError:
            return False
        return True
