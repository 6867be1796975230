"""What the database's rows and values are in the model's terms, and the other way round."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import msgspec

from shared.model import (
    Appointment,
    Call,
    CallId,
    CounterId,
    Errand,
    ErrandId,
    Estimate,
    Place,
    Session,
    State,
    Stop,
    Ticket,
    TicketId,
    UnitId,
    Visit,
)

if TYPE_CHECKING:
    from shared.config import Priority


_PLACES = msgspec.json.Decoder(tuple[Place, ...])


def read_ticket(row: sqlite3.Row, zone: ZoneInfo) -> Ticket:
    appointed_at = row["appointed_at"]
    return Ticket(
        id=TicketId(row["id"]),
        day=date.fromisoformat(row["day"]),
        series=row["series"],
        number=row["number"],
        token=row["token"],
        language=row["language"],
        issued_at=moment(row["issued_at"], zone),
        appointed_at=None if appointed_at is None else moment(appointed_at, zone),
        places=_PLACES.decode(row["places"]),
    )


def read_call(row: sqlite3.Row, zone: ZoneInfo) -> Call:
    return Call(
        id=CallId(row["id"]),
        at=moment(row["at"], zone),
        errand=ErrandId(row["errand"]),
        series=row["series"],
        number=row["number"],
        unit=UnitId(row["unit"]),
        counter=CounterId(row["counter"]),
        repeated=bool(row["repeated"]),
        withdrawn=bool(row["withdrawn"]),
    )


def read_errand(row: sqlite3.Row, zone: ZoneInfo) -> Errand:
    appointed_at = row["appointed_at"]
    return Errand(
        id=ErrandId(row["id"]),
        ticket=TicketId(row["ticket"]),
        series=row["series"],
        number=row["number"],
        unit=UnitId(row["unit"]),
        state=State(row["state"]),
        since=moment(row["since"], zone),
        issued_at=moment(row["issued_at"], zone),
        counter=row["counter"],
        calls=row["calls"],
        priority=row["priority"],
        appointed_at=None if appointed_at is None else moment(appointed_at, zone),
        origin=row["origin"],
        reason=row["reason"],
        back_to=row["back_to"],
        put_off=row["put_off"],
        also=msgspec.json.decode(row["also"], type=tuple[UnitId, ...]),
    )


def read_appointment(row: sqlite3.Row, zone: ZoneInfo) -> Appointment:
    return Appointment(code=row["code"], unit=UnitId(row["unit"]), at=moment(row["at"], zone))


def read_visit(row: sqlite3.Row, stops: Iterable[Stop], zone: ZoneInfo) -> Visit:
    appointed_at = row["appointed_at"]
    return Visit(
        token=row["token"],
        series=row["series"],
        number=row["number"],
        language=row["language"],
        issued_at=moment(row["issued_at"], zone),
        appointed_at=None if appointed_at is None else moment(appointed_at, zone),
        stops=tuple(stops),
        score=row["score"],
    )


def read_stop(row: sqlite3.Row, zone: ZoneInfo) -> Stop:
    return Stop(
        unit=UnitId(row["unit"]),
        state=State(row["state"]),
        since=moment(row["since"], zone),
        counter=row["counter"],
        calls=row["calls"],
        ahead=row["ahead"],
        put_off=row["put_off"],
        told=read_estimate(row),
    )


def read_session(row: sqlite3.Row, zone: ZoneInfo) -> Session:
    return Session(
        id=row["id"],
        counter=CounterId(row["counter"]),
        opened_at=moment(row["opened_at"], zone),
        break_since=(None if row["break_since"] is None else moment(row["break_since"], zone)),
    )


def read_estimate(row: sqlite3.Row) -> Estimate | None:
    """Read what was told of a wait."""
    if row["told_likely"] is None:
        return None
    return Estimate(
        low=timedelta(milliseconds=row["told_low"]),
        likely=timedelta(milliseconds=row["told_likely"]),
        high=timedelta(milliseconds=row["told_high"]),
    )


def moment(milliseconds: int, zone: ZoneInfo) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, zone)


def as_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def milliseconds_of(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)


def hour(moment: datetime) -> int:
    """Return the hour that the tally knows the moment by."""
    return int(moment.timestamp()) // 3600


def told_values(estimate: Estimate | None) -> dict[str, int]:
    if estimate is None:
        return {}
    return {name: milliseconds_of(getattr(estimate, name)) for name in ("low", "likely", "high")}


def head_start_values(priority: Priority | None) -> dict[str, object]:
    if priority is None:
        return {"priority": None, "head_start": 0}
    return {"priority": priority.id, "head_start": milliseconds_of(priority.head_start)}
