"""What the measurements say: a table for people, JSON for machines, and an exit code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest

from bench import __main__ as bench
from bench.figures import (
    Figure,
    Mark,
    Measure,
    Skipped,
    at_least,
    at_most,
    percentile,
    table,
    within,
)


def figure(*, ours: float = 3, floor: float = 2, mark: Mark) -> Figure:
    return Figure(what="a ticket", unit="ms", ours=ours, floor=floor, mark=mark)


@pytest.mark.parametrize(
    ("mark", "holds"),
    [
        (at_most(1.5), True),
        (at_most(1.4), False),
        (at_least(1.5), True),
        (at_least(1.6), False),
        (within(3), True),
        (within(2.9), False),
    ],
)
def test_a_missed_mark_is_shown(mark: Mark, holds: bool) -> None:  # noqa: FBT001
    row = figure(mark=mark)
    _, line = table([row])

    assert row.holds is holds
    assert ("✗" in line) is not holds
    assert all(each in line for each in ("a ticket", "3.00 ms", "2.00 ms", "1.50", row.to_reach))


def test_what_cannot_be_compared_has_no_ratio() -> None:
    idle, busy = (
        Figure(what="idle", unit="B", ours=0, floor=0, mark=mark)
        for mark in (within(0), at_most(2))
    )
    assert [line.split() for line in table([idle, busy])][1:] == [
        ["idle", "0.00", "B", "0.00", "B", "–", "≤", "0", "B"],
        ["idle", "0.00", "B", "0.00", "B", "–", "≤", "2", "×", "✗"],
    ]


def test_a_row_that_cannot_be_measured_says_why() -> None:
    rows: list[Figure | Skipped] = [
        Skipped(what="over SSH", why="no sshd", holds=True),
        Skipped(what="phones", why="no files"),
        figure(mark=at_most(2)),
    ]

    assert list(table(rows))[1:3] == [
        "over SSH  skipped: no sshd",
        "phones    skipped: no files  ✗",
    ]


@pytest.mark.parametrize(
    ("percent", "value"), [(0, 1), (50, 50), (99, 99), (99.9, 100), (100, 100)]
)
def test_so_many_per_cent_of_all_do_not_exceed_a_percentile(percent: float, value: float) -> None:
    assert percentile(range(100, 0, -1), percent) == value


Run = Callable[..., int]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command with measurements that are done at once."""
    rows: Mapping[str, Figure | Skipped] = {
        "good": figure(mark=at_most(2)),
        "bad": figure(mark=at_most(1)),
        "none": Skipped(what="over SSH", why="no sshd", holds=True),
    }

    def measure(row: Figure | Skipped) -> Measure:
        return lambda quick: [row] if quick else [row, row]

    monkeypatch.setattr(bench, "MEASURES", {name: measure(row) for name, row in rows.items()})

    def run(*arguments: str) -> int:
        monkeypatch.setattr("sys.argv", ["bench", *arguments])
        return bench.main()

    return run


def test_a_missed_mark_is_an_exit_code(run: Run) -> None:
    assert run("good", "none") == 0
    assert run("good", "bad") == 1
    assert run() == 1


def test_quick_is_passed_on_and_progress_is_not_among_the_figures(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    run("good")
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 3
    assert "1/1 good" in said.err

    run("good", "--quick")
    assert len(capsys.readouterr().out.splitlines()) == 2


def test_a_machine_is_told_all_of_it(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("bad", "none", "--quick", "--json") == 1
    assert json.loads(capsys.readouterr().out) == [
        {
            "what": "a ticket",
            "unit": "ms",
            "ours": 3,
            "floor": 2,
            "ratio": 1.5,
            "mark": "≤ 1 ×",
            "holds": False,
        },
        {"what": "over SSH", "skipped": "no sshd", "holds": True},
    ]


def test_a_measurement_that_fails_is_a_row_that_misses_its_mark(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: object) -> list[Figure]:
        raise TimeoutError("not painted within 30 s\n|a screen|")

    monkeypatch.setattr(bench, "MEASURES", {"broken": fail, **bench.MEASURES})
    assert run("broken", "good") == 1
    _, broken, *good = capsys.readouterr().out.splitlines()
    assert broken.split("  ")[-2:] == ["skipped: TimeoutError: not painted within 30 s", "✗"]
    assert len(good) == 2


def test_an_unknown_measurement_is_refused(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        run("goood")
    assert "Known: good, bad, none" in capsys.readouterr().err
