"""``python -m bench``: how fast the programs are, each figure beside its floor."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping

import msgspec

from bench import queue, screens
from bench.figures import Figure, Measure, Skipped, table

MEASURES: Mapping[str, Measure] = {**queue.MEASURES, **screens.MEASURES}


def main() -> int:
    """Run the measurements that are asked for; return 1 if a mark is missed."""
    parser = argparse.ArgumentParser(
        prog="python -m bench", description="How fast the programs are, beside their floors."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASURES)}")
    parser.add_argument("--quick", action="store_true", help="fewer rounds: within two minutes")
    parser.add_argument("--json", action="store_true", help="answer with JSON, an object a row")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(MEASURES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}. Known: {', '.join(MEASURES)}.")
    rows: list[Figure | Skipped] = []
    names = arguments.names or list(MEASURES)
    begun = time.monotonic()
    for number, name in enumerate(names, 1):
        print(f"{number}/{len(names)} {name} …", file=sys.stderr, flush=True)
        try:
            rows.extend(MEASURES[name](arguments.quick))
        except Exception as error:  # noqa: BLE001 – the others are measured all the same
            rows.append(Skipped(what=name, why=f"{type(error).__name__}: {error}".splitlines()[0]))
    print(f"measured in {time.monotonic() - begun:.0f} s", file=sys.stderr)
    if arguments.json:
        print(msgspec.json.encode([_as_json(row) for row in rows]).decode())
    else:
        print("\n".join(table(rows)))
    return 0 if all(row.holds for row in rows) else 1


def _as_json(row: Figure | Skipped) -> Mapping[str, object]:
    if isinstance(row, Skipped):
        return {"what": row.what, "skipped": row.why, "holds": row.holds}
    told = {"mark": row.to_reach, "ratio": row.ratio, "holds": row.holds}
    return {**msgspec.structs.asdict(row), **told}


if __name__ == "__main__":
    sys.exit(main())
