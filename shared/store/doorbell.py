"""The doorbell: a file beside the database that writers touch and readers watch.

Watching the database's own files would race with the commit: their events can come before the
change can be read. The bell rings after it.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

if sys.platform == "linux":
    from asyncinotify import Inotify, Mask


def ring(bell: Path) -> None:
    """Tell all readers that something has changed. Raises OSError."""
    bell.touch()


class Doorbell:
    """Wait for the bell to be rung. Use as a context manager.

    ``can_hear`` is false where the platform has no inotify: then :meth:`wait` only lets the
    time pass.
    """

    can_hear = sys.platform == "linux"

    def __init__(self, bell: Path) -> None:
        self._bell = bell

    def __enter__(self) -> Self:
        if sys.platform == "linux":
            self._inotify = Inotify()
            try:
                # The folder, not the file: the bell may be made anew.
                self._inotify.add_watch(self._bell.parent, Mask.ATTRIB | Mask.CREATE)
            except BaseException:
                self._inotify.close()
                raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if sys.platform == "linux":
            self._inotify.close()

    async def wait(self, seconds: float) -> bool:
        """Return True as soon as the bell has been rung, False after ``seconds`` of silence."""
        if sys.platform != "linux":
            await asyncio.sleep(seconds)
            return False
        try:
            async with asyncio.timeout(seconds):
                while (await self._inotify.get()).name != Path(self._bell.name):
                    pass
        except TimeoutError:
            return False
        return True
