"""A terminal to run real programs in: press its keys, read its screen, take its picture."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import Self

from PIL import Image

from tools.raster import draw
from tools.screen import SYNCHRONIZED, Cell, Screen

_KEYS = {
    "enter": "\r",
    "tab": "\t",
    "shift+tab": "\x1b[Z",
    "escape": "\x1b",
    "backspace": "\x7f",
    "delete": "\x1b[3~",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "ctrl+backslash": "\x1c",
    **{f"ctrl+{letter}": chr(ord(letter) & 0x1F) for letter in "abcdefghijklmnopqrstuvwxyz"},
    **{f"f{number}": f"\x1bO{letter}" for number, letter in enumerate("PQRS", 1)},
    **{
        f"f{number}": f"\x1b[{code}~"
        for number, code in enumerate((15, 17, 18, 19, 20, 21, 23, 24), 5)
    },
}
"""What xterm sends for a key that is more than a character."""

_REPEAT = 1 / 30
"""Seconds after which a key that is held down sends itself again."""

_QUIET = 0.2
"""Seconds after which a program that writes nothing has nothing to write."""


class Terminal:
    """A program in a terminal of its own. Use as a context manager, which starts and ends it."""

    def __init__(
        self,
        argv: Sequence[str | os.PathLike[str]],
        *,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare to run ``argv``, with ``env`` on top of a new user's environment."""
        self._argv = argv
        # Not all of os.environ: whoever runs this has a size, colours, a configuration of theirs.
        self._env = {
            **{name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ},
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            **(env or {}),
        }
        self._screen = Screen(columns, rows)
        self._fd = -1

    def __enter__(self) -> Self:
        self._fd, slave = pty.openpty()
        termios.tcsetwinsize(self._fd, (self._screen.lines, self._screen.columns))
        # The terminal that the first of a session opens becomes its own, and hangs up with it.
        script = 'exec <"$0" >"$0" 2>&1 && exec "$@"'
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", script, os.ttyname(slave), *self._argv],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=self._env,
            start_new_session=True,
        )
        os.close(slave)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.running:
            self._process.kill()
            self._process.wait()
        self._close()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    # What a person does

    def press(self, *keys: str) -> None:
        r"""Press keys by name ("enter", "f2", "ctrl+c"); anything else is typed as it stands.

        A byte that is no UTF-8 is a surrogate: "\udce4" is what a Latin-1 keyboard sends for ä.
        """
        for key in keys:
            self._send(_KEYS.get(key, key))

    def hold(self, key: str, seconds: float) -> None:
        """Hold a key down, so that it repeats itself as keyboards do."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            self.press(key)
            while (left := now + _REPEAT - time.monotonic()) > 0:
                self._take(left)

    def click(self, column: int, row: int) -> None:
        """Click, or tap, on a place; both count from 0."""
        self.drag((column, row), (column, row))

    def drag(self, start: tuple[int, int], end: tuple[int, int], *, button: int = 0) -> None:
        """Press a mouse button – 0 is the left one – in one place and release it in another."""
        self._mouse(35, start)
        self._mouse(button, start)
        if end != start:
            self._mouse(32 + button, end)
        self._mouse(button, end, "m")

    def scroll(self, column: int, row: int, *, up: bool = False) -> None:
        """Turn the wheel by a notch."""
        self._mouse(64 if up else 65, (column, row))

    def _mouse(self, what: int, where: tuple[int, int], press: str = "M") -> None:
        column, row = where
        self._send(f"\x1b[<{what};{column + 1};{row + 1}{press}")

    def resize(self, columns: int, rows: int) -> None:
        """Make the window larger or smaller."""
        self._screen.resize(rows, columns)
        termios.tcsetwinsize(self._fd, (rows, columns))

    def _send(self, text: str) -> None:
        os.write(self._fd, text.encode(errors="surrogateescape"))

    # What a person sees

    def until(self, condition: str | Callable[[], object], *, within: float = 10) -> None:
        """Wait until a text stands in a line, or a condition is true. Raises TimeoutError.

        The screen is looked at between the program's frames, never in the middle of one.
        """
        deadline = time.monotonic() + within
        while self.halfway or not self._fulfils(condition):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(self._report(f"not within {within} s: {condition}"))
            # A condition may be about more than the screen: now and then try it anyway.
            if not self._take(min(left, 0.05)) and not self.running and not self._take(0):
                raise TimeoutError(self._report(f"has ended, without {condition}"))

    def until_quiet(self, *, within: float = 10) -> None:
        """Wait until the program has nothing more to write. Raises TimeoutError."""
        deadline = time.monotonic() + within
        while self._take(_QUIET) or self.halfway:
            if time.monotonic() > deadline:
                raise TimeoutError(self._report(f"is not quiet within {within} s"))

    def _fulfils(self, condition: str | Callable[[], object]) -> bool:
        if isinstance(condition, str):
            return any(condition in line for line in self.text)
        return bool(condition())

    def _report(self, what: str) -> str:
        return "\n".join([f"{self._argv[0]}: {what}", *(f"|{line}|" for line in self.text)])

    @property
    def halfway(self) -> bool:
        """Whether the program is in the middle of a frame."""
        return SYNCHRONIZED in self.modes

    @property
    def columns(self) -> int:
        return self._screen.columns

    @property
    def rows(self) -> int:
        return self._screen.lines

    @property
    def text(self) -> list[str]:
        """The lines of the screen."""
        return self._screen.display

    @property
    def cells(self) -> list[list[Cell]]:
        """The rows of the screen, each a list of cells."""
        return self._screen.cells()

    def picture(self, cell: int = 10) -> Image.Image:
        """Take a picture of the screen, with cells ``cell`` pixels wide and twice as high."""
        return draw(self.cells, cell)

    @property
    def bells(self) -> int:
        """How often the program has rung the bell."""
        return self._screen.bells

    @property
    def modes(self) -> frozenset[int]:
        """The private modes (DEC's, xterm's) that are on."""
        return self._screen.private_modes()

    @property
    def keyboard_modes(self) -> int:
        """How many modes of the keyboard the program has asked for and not given back."""
        return self._screen.keyboard_modes

    @property
    def is_cooked(self) -> bool:
        """Whether typing works as a shell wants it: echoed, in lines, with Ctrl+C."""
        flags = int(termios.tcgetattr(self._fd)[3])
        wanted = termios.ECHO | termios.ICANON | termios.ISIG
        return flags & wanted == wanted

    # The end

    def terminate(self, within: float = 10) -> int:
        """Ask the program, and nothing else, to end; return its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self.wait(within)

    def kill(self) -> int:
        """End the program without warning; return its exit code."""
        self._process.kill()
        return self.wait()

    def hang_up(self, within: float = 10) -> int:
        """Close the terminal, as closing a window or losing a connection does."""
        self._close()
        return self._process.wait(within)

    def wait(self, within: float = 10) -> int:
        """Wait until the program has ended; return its exit code."""
        deadline = time.monotonic() + within
        while (left := deadline - time.monotonic()) > 0 and self._take(left):
            pass
        return self._process.wait(max(deadline - time.monotonic(), 0.1))

    def _close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _take(self, seconds: float) -> bool:
        """Take in what the program writes; False after so many seconds of silence or at its end."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        data = self.receive() if ready else b""
        if answers := self.show(data):
            self._send(answers)
        return bool(data)

    # What a measurement does instead, which must not wait for the screen to be drawn

    def fileno(self) -> int:
        return self._fd

    def receive(self) -> bytes:
        """Return what the program has written, as soon as there is any; nothing at its end."""
        try:
            return os.read(self._fd, 1 << 16)
        except OSError:  # nobody has the other end any more
            return b""

    def show(self, data: bytes) -> str:
        """Put what was received on the screen; return what a terminal answers to it."""
        return self._screen.take(data)
