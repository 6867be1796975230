"""What the commands have in common: options, output, and how an error is told."""

from __future__ import annotations

import argparse
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
    made.add_argument(
        "--config",
        metavar="FILE",
        help="the centre's configuration (else $VUORO_CONFIG, else ./config.toml)",
    )
    made.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    return made


def add_json(verb: argparse.ArgumentParser) -> None:
    """Give a verb the option ``--json``."""
    verb.add_argument("--json", action="store_true", help="answer with one JSON object")


def config(arguments: argparse.Namespace) -> Config:
    """Read the configuration that the command line names. Raises ConfigError."""
    return load_config(find_config(arguments.config))


@contextmanager
def telling(*, json: bool) -> Iterator[None]:
    """Tell a QueueError on stderr – and as JSON on stdout, if asked – and exit."""
    try:
        yield
    except QueueError as error:
        print(error, file=sys.stderr)
        if json:
            answer({"error": error.title, "message": error.message, "hint": error.hint})
        sys.exit(UNUSABLE if isinstance(error, ConfigError) else REFUSED)


def answer(value: object) -> None:
    """Write one JSON object on stdout."""
    print(msgspec.json.encode(value).decode())
