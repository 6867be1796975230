"""config.toml, read once into frozen objects; what is wrong in it is said in a person's words."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import msgspec

from shared.config.faults import Fault, contradictions, misshapen, unknown_holidays
from shared.config.shape import Config, Counter, Names, Priority, Reason, Timetable, Unit
from shared.errors import ConfigError

__all__ = [
    "Config",
    "Counter",
    "Names",
    "Priority",
    "Reason",
    "Timetable",
    "Unit",
    "find_config",
    "load_config",
]


def find_config(named: str | None) -> Path:
    """Return the configuration to use: the one named, else VUORO_CONFIG, else ./config.toml."""
    return Path(named or os.environ.get("VUORO_CONFIG") or "config.toml")


def load_config(path: Path) -> Config:
    """Read and check a configuration. Raises ConfigError, which names file, place and remedy.

    The holidays that it names are noted beside its queue: see :mod:`shared.holidays`.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise ConfigError(
            "There is no configuration",
            "{file} does not exist.",
            "Start where config.toml lies, or name one with --config or VUORO_CONFIG.",
            file=path.absolute(),
        ) from error
    except OSError as error:
        what = f"cannot be read: {error.strerror}"
        raise _error(path, Fault("", what, "Check the path and who may read it.")) from error
    except UnicodeDecodeError as error:
        what = f"is not UTF-8 text: byte {error.start} is wrong"
        raise _error(path, Fault("", what, "Save the file as UTF-8.")) from error
    except tomllib.TOMLDecodeError as error:
        raise _error(path, Fault("", f"is not TOML: {error}", "Mend that line.")) from error
    try:
        config = msgspec.convert(tree, Config)
    except msgspec.ValidationError as error:
        raise _error(path, misshapen(tree, str(error))) from error
    for fault in contradictions(config):
        raise _error(path, fault)
    config = _with_whole_paths(config, path.absolute().parent)
    for fault in unknown_holidays(config):
        raise _error(path, fault)
    return config


def _with_whole_paths(config: Config, folder: Path) -> Config:
    """Paths in the file start from the file, not from where a program happens to run."""
    scheme, _, rest = config.store.url.partition(":")
    store = msgspec.structs.replace(config.store, url=f"{scheme}:{folder / rest}")
    return msgspec.structs.replace(config, store=store)


def _error(path: Path, fault: Fault) -> ConfigError:
    return ConfigError(
        "The configuration cannot be used",
        "{file}: {what}.",
        "{remedy}",
        file=path,
        what=f"{fault.place} {fault.what}".strip(),
        remedy=fault.remedy,
    )
