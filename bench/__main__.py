"""``python -m bench``: how fast the programs are, each figure beside its floor."""

from __future__ import annotations

import argparse
import sys
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
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(MEASURES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}. Known: {', '.join(MEASURES)}.")
    rows: list[Figure | Skipped] = []
    names = arguments.names or list(MEASURES)
    for number, name in enumerate(names, 1):
        print(f"{number}/{len(names)} {name} …", file=sys.stderr, flush=True)
        rows.extend(MEASURES[name](arguments.quick))
    if arguments.json:
        print(msgspec.json.encode([_as_json(row) for row in rows]).decode())
    else:
        print("\n".join(table(rows)))
    return 0 if all(isinstance(row, Skipped) or row.holds for row in rows) else 1


def _as_json(row: Figure | Skipped) -> Mapping[str, object]:
    if isinstance(row, Skipped):
        return {"what": row.what, "skipped": row.why}
    told = {"mark": row.to_reach, "ratio": row.ratio, "holds": row.holds}
    return {**msgspec.structs.asdict(row), **told}


if __name__ == "__main__":
    sys.exit(main())
