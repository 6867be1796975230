"""A lobby to try things in: the real programs and the real centre, with a queue of its own."""

from __future__ import annotations

import json
import re
import sqlite3
import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from shared.config import Config, load_config
from tools.terminal import Terminal

ROOT = Path(__file__).parents[1]
"""The folder that holds config.toml and the rooms."""

Changes = Mapping[tuple[str, str], object]
"""Section and key → the value that is to stand there."""


class Lobby:
    """One centre in a folder: its configuration, and its queue beside it."""

    def __init__(self, folder: Path, changes: Changes | None = None) -> None:
        """Set the centre up as config.toml says, but for the changes, and open at any hour."""
        text = (ROOT / "config.toml").read_text(encoding="utf-8")
        text = re.sub(r"^hours = .*\n", "", text, flags=re.MULTILINE)
        for (section, key), value in (changes or {}).items():
            text = _change(text, section, key, value)
        self.file = folder / "config.toml"
        self.file.write_text(text, encoding="utf-8")
        self.config: Config = load_config(self.file)

    def argv(self, program: str, *arguments: str) -> list[str]:
        """Return how to run one of the programs, such as "kiosk", of this environment."""
        script = Path(sys.executable).with_name(f"vuoro-{program}")
        return [str(script), "--config", str(self.file), *arguments]

    def terminal(
        self,
        program: str,
        *arguments: str,
        columns: int = 80,
        rows: int = 24,
        env: Mapping[str, str] | None = None,
    ) -> Terminal:
        """Return the program, to be started in a terminal."""
        return Terminal(self.argv(program, *arguments), columns=columns, rows=rows, env=env)

    def run(self, program: str, *arguments: str) -> Any:  # noqa: ANN401 – what JSON holds
        """Run a command for one step; return its answer."""
        argv = self.argv(program, *arguments, "--json")
        done = subprocess.run(argv, check=True, stdout=subprocess.PIPE)
        return json.loads(done.stdout)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the queue's file itself; nothing while there is none."""
        path = Path(self.config.store.url.removeprefix("sqlite:"))
        if not path.exists():
            return []
        with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()


def _change(text: str, section: str, key: str, value: object) -> str:
    """Put a value into a configuration, also where it stands as a comment only."""
    # JSON's texts, numbers and lists are TOML's, too.
    line = f"{key} = {json.dumps(value, ensure_ascii=False)}"
    place = re.compile(
        rf"(^\[{re.escape(section)}\]\n(?:(?!\[).*\n)*?)(?:# )?{re.escape(key)} = .*", re.MULTILINE
    )
    changed, found = place.subn(lambda match: match[1] + line, text, count=1)
    if not found:
        raise ValueError(f"config.toml has no {key} in [{section}]")
    return changed
