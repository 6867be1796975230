"""What a program that only needs the queue does not have to load, nor to wait for."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"textual", "rich", "PIL", "qrcode", "babel"}


@pytest.mark.parametrize(
    "module",
    [
        "shared.model",
        "shared.config",
        "shared.store",
        "shared.store.sqlite",
        "shared.feed",
        "shared.calls",
        "shared.door",
        "shared.cli",
    ],
)
def test_what_is_shared_does_not_load_what_only_screens_need(module: str) -> None:
    script = f"import {module}, sys; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout.split()
    assert module in loaded
    assert HEAVY & {name.partition(".")[0] for name in loaded} == set()
