"""An SSH server that only this machine can reach, with keys and settings of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])

_LOOPBACK = "127.0.0.1"

_SETTINGS = f"""
ListenAddress {_LOOPBACK}
Port {{port}}
HostKey {{folder}}/host
AuthorizedKeysFile {{folder}}/user.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
"""

_EMPTY = Path("/run/sshd")
"""Where a server of root's shuts itself up before it knows who is there."""

_PATIENCE = 5.0
"""Seconds in which a server answers."""


class NoServerError(Exception):
    """There is no server to be had on this machine; the message says why."""


class SshServer:
    """A server at a free port. Use as a context manager, which starts and ends it.

    Raises NoServerError.
    """

    def __init__(self, folder: Path) -> None:
        """Keep keys and settings in this folder."""
        self._folder = folder
        with socket.create_server((_LOOPBACK, 0)) as free:
            self._port = free.getsockname()[1]

    def __enter__(self) -> Self:
        server, self._client, keygen = map(_program, ("sshd", "ssh", "ssh-keygen"))
        if os.geteuid() == 0:
            # The system makes it when it starts its own server, which need not run.
            _EMPTY.mkdir(mode=0o755, exist_ok=True)
        for name in ("host", "user"):
            file = self._folder / name
            subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", file], check=True)
        settings = self._folder / "settings"
        settings.write_text(_SETTINGS.format(port=self._port, folder=self._folder))
        log = self._folder / "log"
        self._process = subprocess.Popen([server, "-D", "-f", settings, "-E", log])
        deadline = time.monotonic() + _PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                raise NoServerError(log.read_text().strip().rpartition("\n")[2])
            time.sleep(0.05)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.terminate()
        self._process.wait()

    def argv(self, command: Sequence[str]) -> list[str]:
        """Return how to run a command in a terminal of the server's."""
        options = {
            "Port": self._port,
            "IdentityFile": self._folder / "user",
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": os.devnull,
            "StrictHostKeyChecking": "no",
            "LogLevel": "ERROR",
            "RequestTTY": "force",
        }
        given = [part for name, value in options.items() for part in ("-o", f"{name}={value}")]
        # A login knows neither the colours of the terminal nor, here, its characters.
        remote = ["env", "COLORTERM=truecolor", "LANG=C.UTF-8", *command]
        return [self._client, "-F", os.devnull, *given, _LOOPBACK, shlex.join(remote)]

    def _answers(self) -> bool:
        try:
            with socket.create_connection((_LOOPBACK, self._port), _PATIENCE):
                return True
        except OSError:
            return False


def _program(name: str) -> str:
    found = shutil.which(name, path=_PATH)
    if found is None:
        raise NoServerError(f"there is no {name}")
    return found
