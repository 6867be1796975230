"""The paper ticket: what stands on it, in every language and on every width of paper."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from functools import partial

import fontpkg_open_sans
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageDraw, ImageFont, ImageOps

from kiosk.paper.protocol import QueueLine, Receipt
from kiosk.paper.receipts import of_ticket, of_visit
from kiosk.paper.typesetting import typeset
from shared.config import Config
from shared.config.shape import NetworkPrinter
from shared.estimates import Unknown
from shared.hours import Open
from shared.model import Appointment, CounterId, Estimate, Ticket, UnitId, Visit
from shared.reception import Offer, Offers
from shared.store import QueueStore
from shared.words import words
from tests.conftest import HandClock
from tests.kiosk.receipt_printer import DOTS, ReceiptPrinter
from tests.kiosk.receipt_printer import Ticket as Paper

WEB = "https://vuoro.example.org"
LIBRARY, MATERNITY, HEALTH = UnitId("library"), UnitId("maternity"), UnitId("health")
TEN_TO_TWENTY = Estimate(
    low=timedelta(minutes=10), likely=timedelta(minutes=14), high=timedelta(minutes=20)
)
NOTE = {
    "fi": "Lämpimästi tervetuloa Ruskataloon!",
    "sv": "Varmt välkommen till Ruskatalo å det hjärtligaste!",
    "en": "You are most welcome to Ruskatalo!",
}


@pytest.fixture
def config(config: Config) -> Config:
    """A centre whose kiosk has a printer, and whose tickets can be followed."""
    return msgspec.structs.replace(
        config,
        printer=NetworkPrinter(host="127.0.0.1", note=NOTE),
        web=msgspec.structs.replace(config.web, url=f"{WEB}/"),
    )


def offers(*units: UnitId, wait: Estimate | Unknown = TEN_TO_TWENTY) -> dict[UnitId, Offer]:
    return {
        unit: Offer(
            unit=unit, people=0, wait=wait, opening=Open(last_ticket_at=None, closes_at=None)
        )
        for unit in units
    }


async def give(
    store: QueueStore, *units: UnitId, language: str = "fi", behind: int = 0
) -> tuple[Ticket, Offers]:
    """Give a ticket, after some others in its first queue."""
    for _ in range(behind):
        await store.issue(units[:1], series="K", language="fi")
    ticket = await store.issue(
        units,
        series="K",
        language=language,
        estimates=dict.fromkeys(units, TEN_TO_TWENTY),
    )
    return ticket, offers(*units)


async def print_again(store: QueueStore) -> Visit:
    await store.ask_for_printout()
    visit = await store.take_printout()
    assert visit is not None
    return visit


def printed(receipt: Receipt, width_mm: int = 80, dots: int = 0) -> Paper:
    """Print a receipt, and return the paper."""
    on = ReceiptPrinter(width_mm, dots)
    on.receive(typeset(receipt, width_mm=width_mm, profile="default"))
    [paper] = on.tickets
    return paper


def about(language: str, low: int, high: int) -> str:
    return words(language).gettext("About {low}–{high} min", low=low, high=high)


def receipt(**texts: object) -> Receipt:
    """Return a receipt that says only this."""
    nothing = dict.fromkeys(Receipt.__struct_fields__, "") | {"number": "K 017", "queues": ()}
    return Receipt(**(nothing | texts))  # type: ignore[arg-type]


def read_number(paper: Paper) -> str:
    """Read the first picture: letter for letter, by which of all it looks like most."""
    [number, *_] = paper.pictures
    dark = ImageOps.expand(ImageOps.invert(number), 1)
    columns = [
        dark.crop((x, 0, x + 1, dark.height)).getbbox() is not None for x in range(dark.width)
    ]
    edges = [x for x in range(1, dark.width) if columns[x] != columns[x - 1]]
    read = ""
    for left, right in zip(edges[::2], edges[1::2], strict=True):
        letter = dark.crop((left, 0, right, dark.height))
        read += min(_LETTERS, key=partial(_difference, letter))
    return read


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZÅÄÖ0123456789"


def _difference(seen: Image.Image, letter: str) -> float:
    """Tell how much a letter seen differs from one, both made the same size."""
    font = ImageFont.truetype(fontpkg_open_sans.ROOT / "files" / "OpenSans[wdth,wght].ttf", 100)
    font.set_variation_by_axes([700.0, 75.0])
    drawn = Image.new("L", (200, 200))
    ImageDraw.Draw(drawn).text((50, 50), letter, font=font, fill=255)
    shapes = [image.crop(image.getbbox()) for image in (seen, drawn)]
    odd = abs(shapes[0].width / shapes[0].height - shapes[1].width / shapes[1].height)
    same = [shape.resize((40, 60)) for shape in shapes]
    return odd * 255 + sum(ImageChops.difference(*same).tobytes()) / 2400


def said(paper: Paper) -> list[str]:
    """Return what stands between empty lines, however it was broken into lines."""
    return [" ".join(part.split()) for part in paper.text.split("\n\n")]


@pytest.mark.parametrize("width_mm", [58, 80])
@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_a_ticket_says_all_that_its_holder_must_know(
    config: Config, store: QueueStore, language: str, width_mm: int
) -> None:
    ticket, told = await give(store, LIBRARY, language=language, behind=3)
    paper = printed(of_ticket(config, ticket, told), width_mm)
    say = words(language)
    ahead = say.ngettext("{n} person ahead of you", "{n} people ahead of you", 3)
    assert said(paper) == [
        config.centre.name[language],
        say.gettext("Your number"),
        "[picture]",
        f"{config.unit('library').name[language]} {about(language, 10, 20)} {ahead}",
        say.gettext("Your number will come up on the screen in the lobby"),
        "[picture]",
        say.gettext("Follow your turn on your phone"),
        NOTE[language],
        {"fi": "ti 24.11. 10.42", "sv": "tis 24.11 10.42", "en": "Tue 24/11 10:42"}[language],
    ]
    assert read_number(paper) == "K004"
    assert paper.codes == [f"{WEB}/t/{ticket.token}"]


@pytest.mark.parametrize("width_mm", [58, 80])
async def test_the_number_can_be_read_from_afar(
    config: Config, store: QueueStore, width_mm: int
) -> None:
    paper = printed(of_ticket(config, *await give(store, LIBRARY)), width_mm)
    number = paper.pictures[0]
    assert number.height >= 15 * 8, "15 mm"
    assert number.width >= DOTS[width_mm] * 2 / 3


@pytest.mark.parametrize("number", ["A 001", "Å 234", "Ä 567", "Ö 089", "M 888", "W 1000"])
def test_every_number_is_drawn_as_it_is(number: str) -> None:
    for width_mm in DOTS:
        assert read_number(printed(receipt(number=number), width_mm)) == number.replace(" ", "")


async def test_swedish_and_finnish_letters_stand_on_a_code_page(
    config: Config, store: QueueStore
) -> None:
    data = typeset(of_ticket(config, *await give(store, MATERNITY)), width_mm=80, profile="default")
    page = data.index(b"\x1bt\x10")  # 16: WPC1252
    for text in ("Kalajärven palvelutori", "Äitiys- ja", "10–20 min"):
        assert data.index(text.encode("cp1252")) > page
    assert data.count(b"\x1bt") == 1


async def test_a_printer_whose_code_pages_have_other_numbers_is_told_them(
    config: Config, store: QueueStore
) -> None:
    paper = of_ticket(config, *await give(store, MATERNITY))
    data = typeset(paper, width_mm=80, profile="TSP600")
    assert data.index(b"\x1bt\x20") < data.index("Äitiys- ja".encode("cp1252"))


@pytest.mark.parametrize("text", ["Библиотека", "Girjerádju ŋ", "Βιβλιοθήκη", "Kirjasto ✓"])
def test_what_no_code_page_has_is_drawn(text: str) -> None:
    paper = printed(receipt(centre=text, queues=[QueueLine(unit=text, wait=text)], note="Kirjasto"))
    assert "?" not in paper.text
    assert len(paper.pictures) == 4  # three times the text, and the number
    assert "Kirjasto" in paper.text


def test_a_printer_without_the_code_page_prints_all_as_pictures() -> None:
    printer = ReceiptPrinter()
    printer.receive(typeset(receipt(centre="Lähikirjasto"), width_mm=80, profile="simple"))
    assert set(printer.tickets[0].lines) == {"[picture]", ""}


# Several errands, appointments


@pytest.mark.parametrize("width_mm", [58, 80])
async def test_a_ticket_for_several_units_names_each_with_its_own_wait(
    config: Config, store: QueueStore, width_mm: int
) -> None:
    ticket, told = await give(store, LIBRARY, MATERNITY, HEALTH, language="sv", behind=2)
    paper = printed(of_ticket(config, ticket, told), width_mm)
    say, estimate = words("sv"), about("sv", 10, 20)
    assert said(paper)[3:6] == [
        f"Bibliotek {estimate} {say.ngettext('{n} person ahead of you', '', 2)}",
        f"Mödra- och barnrådgivning {estimate} {say.gettext('You are next')}",
        f"Hälsostation {estimate} {say.gettext('You are next')}",
    ]


async def test_where_nobody_can_tell_the_wait_it_is_said_why(
    config: Config, store: QueueStore
) -> None:
    ticket, _ = await give(store, LIBRARY, HEALTH)
    told = offers(LIBRARY, wait=Unknown.NO_COUNTER) | offers(HEALTH, wait=Unknown.NOTHING_MEASURED)
    say = words("fi")
    nobody = say.gettext("You are next")
    assert said(printed(of_ticket(config, ticket, told)))[3:5] == [
        f"Kirjasto {say.gettext('No counter is open')} {nobody}",
        f"Terveysasema {say.gettext('Wait not known yet')} {nobody}",
    ]


async def test_the_ticket_of_an_appointment_tells_its_time_and_no_wait(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    appointment = Appointment(code="AB123", unit=HEALTH, at=clock.now() + timedelta(minutes=33))
    await store.import_appointments([appointment])
    await give(store, HEALTH, behind=2)
    ticket = await store.check_in(appointment, series="A", language="en")
    for paper in (of_ticket(config, ticket, {}), of_visit(config, await print_again(store))):
        assert said(printed(paper))[3] == "Health centre Your appointment is at 11:15"


# Without one thing or another


async def test_without_a_web_address_there_is_no_code(config: Config, store: QueueStore) -> None:
    config = msgspec.structs.replace(config, web=msgspec.structs.replace(config.web, url=None))
    paper = printed(of_ticket(config, *await give(store, LIBRARY)))
    assert paper.codes == []
    assert len(paper.pictures) == 1
    assert words("fi").gettext("Follow your turn on your phone") not in paper.text


async def test_without_a_note_there_is_none(config: Config, store: QueueStore) -> None:
    config = msgspec.structs.replace(config, printer=NetworkPrinter(host="printer"))
    paper = printed(of_ticket(config, *await give(store, LIBRARY)))
    assert said(paper)[-2] == words("fi").gettext("Follow your turn on your phone")


# Printed once more


async def test_a_ticket_printed_again_is_the_same_ticket(
    config: Config, store: QueueStore, clock: HandClock
) -> None:
    ticket, told = await give(store, LIBRARY, HEALTH, language="sv", behind=1)
    first = of_ticket(config, ticket, told)
    clock.advance(minutes=1)
    assert of_visit(config, await print_again(store)) == first


async def test_it_tells_who_is_ahead_by_now_and_what_is_left_to_do(
    config: Config, store: QueueStore
) -> None:
    ticket, _ = await give(store, LIBRARY, HEALTH, behind=2)
    await store.call_next(CounterId("2"), [LIBRARY])
    paper = printed(of_visit(config, await print_again(store)))
    assert said(paper)[3].endswith(words("fi").ngettext("{n} person ahead of you", "", 1))
    await store.call_next(CounterId("4"), [HEALTH])
    await store.finish(CounterId("4"))
    paper = printed(of_visit(config, await print_again(store)))
    assert said(paper)[3].startswith("Kirjasto")
    assert "Terveysasema" not in paper.text
    assert paper.codes == [f"{WEB}/t/{ticket.token}"]


# Whatever stands in the configuration


@pytest.mark.parametrize("width_mm", [58, 80])
def test_a_long_name_is_broken_and_not_cut(width_mm: int) -> None:
    name = "Äitiyshuolto-, lastenneuvola-, perhesuunnittelu- ja seksuaaliterveysneuvontapalvelut"
    paper = printed(receipt(queues=[QueueLine(unit=name)], note=name * 2), width_mm)
    assert paper.text.replace("\n", "").count(name.replace(" ", "")) == 0
    squeezed = "".join(paper.text.split())
    assert squeezed.count("".join(name.split())) == 3


def test_lines_are_of_much_the_same_length() -> None:
    paper = printed(receipt(queues=[QueueLine(unit="Mödra- och barnrådgivning")], note="ab " * 20))
    assert "Mödra- och\nbarnrådgivning" in paper.text
    assert "ab ab ab ab ab ab ab ab ab ab\nab ab ab ab ab ab ab ab ab ab" in paper.text


def test_a_ticket_fits_the_narrowest_printer_of_its_width() -> None:
    text = "m" * 200
    for width_mm, dots in ((58, 384), (80, 504)):
        printed(
            receipt(
                number="W 1000", centre=text, queues=[QueueLine(unit=text)], address=WEB + text
            ),
            width_mm,
            dots=dots,
        )


@given(text=st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text_can_be_printed(text: str) -> None:
    printed(receipt(centre=text, queues=[QueueLine(unit=text, wait=text)], note=text), 58)


def test_the_kiosk_does_not_load_what_prints() -> None:
    script = (
        "import kiosk.paper.printing, kiosk.paper.receipts, sys, json; "
        "print(json.dumps(list(sys.modules)))"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    ).stdout
    assert {"escpos", "usb", "serial", "yaml", "PIL"} & set(json.loads(loaded)) == set()
