"""What the commands have in common: options, output, and how an error is told."""

from __future__ import annotations

import argparse
import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import msgspec

from shared.config import Config, find_config, load_config
from shared.errors import ConfigError, QueueError

REFUSED = 1
"""Exit code: the queue or its store says no; nothing has changed."""

UNUSABLE = 2
"""Exit code: the command line or the configuration cannot be used."""


class _Version(argparse.Action):
    """``--version``; looked up only when asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from importlib.metadata import version  # noqa: PLC0415 – slow, and seldom wanted

        print(f"{parser.prog} {version('vuoro')}")
        parser.exit()


def parser(prog: str, description: str) -> argparse.ArgumentParser:
    """Return a parser with the options that every command has."""
    made = argparse.ArgumentParser(prog=prog, description=description)
    _add_config(made, default=None)
    made.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    return made


def add_verb_options(verb: argparse.ArgumentParser) -> None:
    """Give a verb what every verb has: ``--json``, and ``--config`` after it as before it."""
    _add_config(verb, default=argparse.SUPPRESS)
    add_json(verb)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Give a command the option ``--json``."""
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")


def _add_config(parser: argparse.ArgumentParser, *, default: str | None) -> None:
    parser.add_argument(
        "--config",
        metavar="FILE",
        default=default,
        help="the centre's configuration (else $VUORO_CONFIG, else ./config.toml)",
    )


def config(arguments: argparse.Namespace) -> Config:
    """Read the configuration that the command line names. Raises ConfigError."""
    return load_config(find_config(arguments.config))


INTERRUPTED = 130
"""Exit code: ended by Ctrl+C, as shells count it."""


@contextmanager
def telling(*, json: bool) -> Iterator[None]:
    """Tell a QueueError on stderr – and as JSON on stdout, if asked – and exit."""
    try:
        yield
    except QueueError as error:
        print(error, file=sys.stderr)
        if json:
            told = {"error": error.title, "message": error.message, "hint": error.hint}
            # A command line may hold bytes that are no text, and an error may repeat them.
            answer({key: _printable(text) for key, text in told.items()})
        sys.exit(UNUSABLE if isinstance(error, ConfigError) else REFUSED)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _printable(text: str) -> str:
    return text.encode(errors="backslashreplace").decode()


def answer(value: object) -> None:
    """Write one JSON object on stdout."""
    say(msgspec.json.encode(value).decode())


def say(*lines: str) -> None:
    """Write lines on stdout. Exits where nobody can read them: that is no success."""
    fault = os.strerror(errno.EBADF)
    if isinstance(sys.stdout, io.TextIOWrapper):  # it is None where it was closed
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        if sys.stdout is not None:
            print(*lines, sep="\n", flush=True)
            return
    except OSError as error:
        fault = error.strerror or str(error)
    print(f"The answer could not be written: {fault}.", file=sys.stderr)
    # What is left in the buffer must not fail once more as Python ends.
    sys.stdout = None
    sys.exit(REFUSED)


def need_terminal() -> None:
    """Raise ConfigError where there is no terminal to show a screen on."""
    if not (sys.stdin and sys.stdin.isatty() and sys.stderr and sys.stderr.isatty()):
        raise ConfigError(
            "A screen needs a terminal",
            "Input or output of this program is not one.",
            "Start it in a terminal; --help lists what it does without one.",
        )
