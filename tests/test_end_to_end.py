"""The three programs as people meet them: each in a terminal of its own, over one queue."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
import zxingcpp

from shared.store.process import alive
from shared.words import words
from tests.large_print import large
from tools.lobby import Lobby
from tools.screen import ALTERNATE_SCREEN, CURSOR, FOCUS, MOUSE, PASTE
from tools.terminal import Terminal

WEB = "https://vuoro.example.org"
AT_REST = "Servicepunkten"
"""On the kiosk's first tile, and on no ticket: at rest, it speaks Finnish first."""

NOBODY_HERE, NOBODY_WAITS = "Asiakasta ei ole", "Ei jonoa"
NOBODY_FREE = "Ketään ei voi kutsua nyt"
CALLED, SERVED = "Kutsuttu", "Palveltavana"
"""What a counter's console says in Finnish."""

NEWS, CALM = "Nyt vuorossa", "Viimeksi kutsuttu"
"""What the display says of a call while it is announced, and when it has had its time."""

QUICK = {
    ("web", "url"): WEB,
    ("kiosk", "ticket_seconds"): 3,
    ("display", "call_seconds"): 1,
}

UNHURRIED = {("display", "call_seconds"): 2, ("display", "turn_seconds"): 3600}
"""Every call stays for as long as it takes to look at all screens; the display speaks Finnish."""


@pytest.fixture
def lobby(tmp_path: Path) -> Lobby:
    return Lobby(tmp_path, QUICK)


def calls(display: Terminal, ticket: str, counter: str) -> bool:
    """Tell whether the display calls the ticket to the counter, both in letters of one size."""
    sizes = large(display, ticket), large(display, counter)
    return all(sizes) and sizes[0][-1] == sizes[1][-1]


def shows(terminal: Terminal, ticket: str) -> bool:
    """Tell whether a ticket's number stands on the screen in any print."""
    series, number = ticket.split()
    plain = re.compile(rf"\b{series} +{number}\b")
    return any(map(plain.search, terminal.text)) or bool(large(terminal, ticket))


Sight = str | Callable[[Terminal], object]
"""What may be seen on a screen: a text, or something more."""


def see(*sights: tuple[Terminal, Sight]) -> None:
    """Wait until all that is seen."""
    for terminal, sight in sights:
        terminal.until(sight if isinstance(sight, str) else partial(sight, terminal))


def asked_to_finish(ticket: str) -> str:
    return words("fi").gettext("{ticket} has only been called: finish it?", ticket=ticket)


def in_large(ticket: str) -> Sight:
    return lambda terminal: large(terminal, ticket)


def call(ticket: str, counter: str, unit: str, *, bells: int) -> Sight:
    """Return the sight of a display that announces a ticket, after so many bells."""

    def seen(display: Terminal) -> bool:
        text = "\n".join(display.text)
        return (
            calls(display, ticket, counter)
            and display.bells == bells
            and NEWS in text
            and f"  {unit}" in text  # beside its letter; at the foot, it stands closer
        )

    return seen


def wait(**people: str) -> Sight:
    """Return the sight of a display that says how many wait for some units, by their letters."""

    def seen(display: Terminal) -> bool:
        text = "\n".join(display.text)
        return all(
            re.search(rf"\b{letter}\b[^\d–]*{number}(?!\d| –)", text)
            for letter, number in people.items()
        )

    return seen


def place(terminal: Terminal, text: str) -> tuple[int, int]:
    """Return the column and row where a text stands."""
    return next((line.index(text), row) for row, line in enumerate(terminal.text) if text in line)


def tickets(lobby: Lobby) -> list[str]:
    return [
        f"{series} {number:03}"
        for series, number in lobby.rows("SELECT series, number FROM ticket ORDER BY id")
    ]


def left_as_found(terminal: Terminal) -> bool:
    """Tell whether the terminal is as a shell wants it back."""
    taken = {ALTERNATE_SCREEN, FOCUS, PASTE, *MOUSE}
    return (
        not taken & terminal.modes
        and CURSOR in terminal.modes
        and not terminal.keyboard_modes
        and terminal.is_cooked
        and not any(line.strip() for line in terminal.text)
    )


def scan(terminal: Terminal) -> list[str]:
    """Scan the QR codes on the screen as a phone does: black on white, quiet zone around."""
    found = zxingcpp.read_barcodes(
        terminal.picture(),
        formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode),
        try_invert=False,
    )
    return [code.text for code in found]


# A visit


def test_a_visit_from_ticket_to_goodbye(lobby: Lobby) -> None:
    with (
        lobby.terminal("kiosk") as kiosk,
        lobby.terminal("staff", "--counter", "3") as staff,
        lobby.terminal("display", columns=120, rows=35) as display,
    ):
        kiosk.until(AT_REST)
        staff.until("Tiski 3")
        see((display, wait(K="0")))
        assert not shows(kiosk, "K 001")

        # A resident presses a key, and looks; another taps on a tile.
        kiosk.press("2")
        kiosk.until(lambda: large(kiosk, "K 001"))
        assert not large(kiosk, "K 002")
        assert tickets(lobby) == ["K 001"]
        see((display, wait(K="1")))
        kiosk.press("enter")
        kiosk.until(AT_REST)
        kiosk.click(*place(kiosk, AT_REST))
        kiosk.until(lambda: large(kiosk, "P 001"))
        assert tickets(lobby) == ["K 001", "P 001"]
        staff.until(lambda: shows(staff, "K 001") and shows(staff, "P 001"))

        # The counter calls, and everyone sees and hears it.
        assert not shows(display, "K 001")
        assert not display.bells
        staff.press("n")
        display.until(lambda: calls(display, "K 001", "3") and display.bells == 1)
        assert not shows(display, "P 001")
        assert lobby.rows("SELECT state, counter FROM errand ORDER BY id") == [
            ("called", "3"),
            ("waiting", None),
        ]
        staff.until(lambda: large(staff, "P 001"))  # is the next one now
        staff.press("r")
        display.until(lambda: calls(display, "K 001", "3") and display.bells == 2)
        staff.press("f")
        staff.until(asked_to_finish("K 001"))
        staff.press("y")
        staff.until(lambda: not shows(staff, "K 001"))
        assert lobby.rows("SELECT was, state, counter FROM journal WHERE errand = 1") == [
            ("", "waiting", None),
            ("waiting", "called", "3"),
            ("called", "called", "3"),
            ("called", "served", "3"),
        ]

        # The kiosk is ready for the next person without anyone's doing.
        kiosk.until(AT_REST)
        assert not shows(kiosk, "P 001")

        for program in (kiosk, staff, display):
            assert program.terminate() == 0
            assert left_as_found(program)


def test_one_ticket_at_three_units_with_a_transfer_an_undo_and_a_no_show(tmp_path: Path) -> None:
    lobby = Lobby(tmp_path, QUICK | UNHURRIED)
    with (
        lobby.terminal("staff", "--counter", "3") as three,
        lobby.terminal("staff", "--counter", "4") as four,
        lobby.terminal("display", columns=120, rows=35) as display,
    ):
        see((three, NOBODY_WAITS), (four, NOBODY_WAITS))
        see((display, wait(K="0", A="0", C="–")))

        # One number stands in three queues.
        assert lobby.run("kiosk", "issue", "library", "health", "social")["ticket"] == "K 001"
        see((three, in_large("K 001")), (four, in_large("K 001")))
        see((display, wait(K="1", A="1", E="1")))

        # Room 4 calls, and takes that back: nobody in the lobby is misled.
        four.press("n")
        see((display, call("K 001", "4", "Terveysasema", bells=1)))
        see((four, CALLED), (three, NOBODY_FREE))
        four.press("u")
        undone = words("fi").gettext("Undone: {ticket} was called", ticket="K 001")
        see((four, undone), (four, NOBODY_HERE), (three, in_large("K 001")))
        see((display, lambda display: not shows(display, "K 001")))
        see((display, wait(K="1", A="1", E="1")))

        # Counter 3 begins with the first errand, and passes it on to the service point, with a
        # reason. Somebody else waits there, who came later.
        assert lobby.run("kiosk", "issue", "service-point")["ticket"] == "P 001"
        three.press("n")
        see((display, call("K 001", "3", "Kirjasto", bells=2)))
        see((three, CALLED), (four, NOBODY_FREE))
        three.press("s")
        see((three, "Palveltavana"))
        three.press("t")
        see((three, "1    Palvelupiste"))
        three.press("1")
        see((three, "2    Asia jatkuu täällä"))
        three.press("2")
        see((three, NOBODY_HERE), (four, in_large("K 001")))
        see((display, wait(K="0", P="2", A="1", E="1")))
        assert calls(display, "K 001", "3")  # was called last, all the same

        # Room 4 calls, and nobody comes. What the ticket waits for elsewhere stays.
        four.press("n")
        see((display, call("K 001", "4", "Terveysasema", bells=3)))
        four.press("x")
        see((four, words("fi").gettext("End {ticket} as a no-show?", ticket="K 001")))
        four.press("y")
        see((four, NOBODY_HERE), (four, NOBODY_WAITS), (three, in_large("K 001")))
        see((display, wait(P="2", A="0", E="1")))

        # Counter 3 ends the visit. What was transferred has kept its place in time.
        three.press("n")
        see((display, call("K 001", "3", "Sosiaalipalvelut", bells=4)))
        see((three, CALLED), (three, "Asia jatkuu täällä"))  # is known of the next one
        see((display, CALM))  # by then, the same key counts anew
        three.press("n")
        see((display, call("K 001", "3", "Palvelupiste", bells=5)))
        see((three, CALLED), (three, in_large("P 001")), (display, CALM))
        three.press("n")
        see(
            (display, call("P 001", "3", "Palvelupiste", bells=6)),
            (display, lambda display: shows(display, "K 001")),
        )
        three.press("s")
        see((three, SERVED))
        three.press("f")
        see(
            (three, NOBODY_HERE), (three, NOBODY_WAITS), (display, wait(K="0", P="0", A="0", E="0"))
        )

    assert lobby.rows("SELECT unit, state, counter FROM errand WHERE ticket = 1 ORDER BY id") == [
        ("library", "transferred", "3"),
        ("health", "no_show", "4"),
        ("social", "served", "3"),
        ("service-point", "served", "3"),
    ]


@pytest.mark.parametrize("program", ["kiosk", "display", "staff"])
def test_a_program_that_is_ended_as_it_starts_gives_the_terminal_back(
    lobby: Lobby, program: str
) -> None:
    with lobby.terminal(program) as terminal:
        terminal.until(lambda: ALTERNATE_SCREEN in terminal.modes)
        assert terminal.terminate() == 0, terminal.text
        assert left_as_found(terminal)


def test_a_closed_terminal_ends_its_program(lobby: Lobby) -> None:
    with ExitStack() as stack:
        kiosk, staff, display = (
            stack.enter_context(lobby.terminal(*argv))
            for argv in (["kiosk"], ["staff", "--counter", "3"], ["display"])
        )
        kiosk.until(AT_REST)
        staff.until("Tiski 3")
        display.until("K 0")
        for program in (kiosk, staff, display):
            assert program.hang_up() == 0
            with pytest.raises(ProcessLookupError):
                os.killpg(program.pid, 0)  # nothing that it started is left either
        rows = lobby.rows("SELECT process FROM counter WHERE process IS NOT NULL")
        assert not any(alive(process) for (process,) in rows)


# The kiosk and its public


def kitty(key: str, modifiers: int) -> str:
    """Return what terminals with kitty's keyboard send for Ctrl (4), Alt (2) and so on."""
    return f"\x1b[{ord(key)};{modifiers + 1}u"


OUT = {
    "signals": ["ctrl+c", "ctrl+z", "ctrl+d", "ctrl+backslash", "ctrl+s"],
    "Textual's own": ["ctrl+q", "ctrl+p", "escape", "tab", "shift+tab", "f10", "\x1bx", "delete"],
    "by kitty's keyboard": [kitty(key, 4) for key in "cqzdp\\"] + [kitty(key, 2) for key in "xq"],
    "pasted": ["\x1b[200~\x03\x11:q!\r\x1b[201~"],
    "another character set": ["\udce4", "x", "\udcfe\udcc3", "x"],
    "nonsense": ["\x1b", "\x1b[", "\x1b[999;999;999M", "\x1b]0;\x07", "\x00\x7f", "å€😀"],
}


def test_no_key_and_no_mouse_leads_out_of_the_kiosk(lobby: Lobby) -> None:
    with lobby.terminal("kiosk") as kiosk:
        kiosk.until(AT_REST)
        for keys in OUT.values():
            kiosk.press(*keys)
        # What comes first is done first: when the language has changed, all keys have been read.
        kiosk.press("f3")
        kiosk.until("Touch a service")
        assert not tickets(lobby)

        right, bottom = kiosk.columns - 1, kiosk.rows - 1
        for row in range(0, bottom, 2):
            for column in range(0, right, 8):
                kiosk.click(column, row)
                kiosk.drag((column, row), (right - column, bottom - row), button=column % 3)
            kiosk.scroll(right // 2, row, up=row > bottom // 2)
        kiosk.press("f3")
        kiosk.until("F9 Contrast")
        kiosk.until("Kosketa palvelua")
        # Whatever the taps have chosen on their way, the next person finds the kiosk at rest.
        given = len(tickets(lobby))
        kiosk.press("3")
        kiosk.until(lambda: len(tickets(lobby)) == given + 1)
        kiosk.until(lambda: large(kiosk, tickets(lobby)[-1]))
        assert kiosk.terminate() == 0


def test_a_key_held_down_gives_one_ticket(lobby: Lobby) -> None:
    with lobby.terminal("kiosk") as kiosk:
        kiosk.until(AT_REST)
        # It is still down when the ticket is put away, and the kiosk is at rest again.
        kiosk.hold("1", 1)
        kiosk.press("enter")
        kiosk.hold("1", 1)
        kiosk.until(AT_REST)
        kiosk.press("2")
        kiosk.until(lambda: large(kiosk, "K 001"))
        assert tickets(lobby) == ["P 001", "K 001"]


def test_a_double_tap_gives_one_ticket(lobby: Lobby) -> None:
    with lobby.terminal("kiosk") as kiosk:
        kiosk.until(AT_REST)
        where = place(kiosk, AT_REST)
        kiosk.click(*where)
        kiosk.click(*where)
        kiosk.until(lambda: large(kiosk, "P 001"))
        kiosk.press("enter")
        kiosk.until(AT_REST)
        kiosk.press("2")
        kiosk.until(lambda: large(kiosk, "K 001"))
        assert tickets(lobby) == ["P 001", "K 001"]


def test_a_ticket_shown_outlives_the_kiosk(lobby: Lobby) -> None:
    with lobby.terminal("kiosk") as kiosk:
        kiosk.until(AT_REST)
        kiosk.press("2")
        kiosk.until(lambda: large(kiosk, "K 001"))
        kiosk.kill()
        [address] = scan(kiosk)
    assert lobby.rows("SELECT series, number, token FROM ticket") == [
        ("K", 1, address.removeprefix(f"{WEB}/t/"))
    ]
    with lobby.terminal("kiosk") as kiosk:
        kiosk.until(AT_REST)
        kiosk.press("2")
        kiosk.until(lambda: large(kiosk, "K 002"))


@pytest.mark.parametrize(
    ("theme", "columns", "rows", "env"),
    [
        ("light", 80, 24, {}),
        ("dark", 80, 24, {}),
        ("contrast", 120, 35, {}),
        ("light", 80, 24, {"NO_COLOR": "1"}),
    ],
)
def test_the_code_on_the_screen_can_be_scanned(
    tmp_path: Path, theme: str, columns: int, rows: int, env: dict[str, str]
) -> None:
    lobby = Lobby(tmp_path, QUICK | {("kiosk", "theme"): theme})
    with lobby.terminal("kiosk", columns=columns, rows=rows, env=env) as kiosk:
        kiosk.until(AT_REST)
        assert not scan(kiosk)
        kiosk.press("2")
        kiosk.until(lambda: scan(kiosk))
        [(token,)] = lobby.rows("SELECT token FROM ticket")
        assert scan(kiosk) == [f"{WEB}/t/{token}"]
