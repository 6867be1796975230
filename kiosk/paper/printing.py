"""Paper tickets, as the kiosk asks for them."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from socket import socketpair
from tempfile import TemporaryDirectory
from typing import NamedTuple, Self

import msgspec

from kiosk.paper.errors import PrinterError
from kiosk.paper.protocol import Fault, Outcome, Receipt, blocks
from shared.clock import Clock, elapsed
from shared.config.shape import Printer

TOLD = 2.8
"""Seconds after which whoever waits for paper is told that there is none."""

ANSWERS = 2.5
"""Seconds after which a process that does not answer is killed: it hangs, as its printer does."""

STARTS = 20.0
"""Seconds in which it must have started."""

ENDS = 1.0
"""Seconds that it is given to end."""

LOOKS = 60.0
"""Seconds between looks at a printer that is well."""

TRIES = 5.0
"""Seconds between tries at one that is not."""

STALE = timedelta(minutes=2)
"""How late a ticket is still printed. After that its holder has gone, with the number from the
screen."""

WANTED = timedelta(hours=1)
"""How late one is that the staff want: they are there, and were told what keeps it."""


class _Job(NamedTuple):
    receipt: Receipt
    asked_at: datetime
    within: timedelta
    told: asyncio.Future[PrinterError | None]

    def tell(self, error: PrinterError | None) -> None:
        """Tell it who waits for the ticket, unless they were told something else before."""
        if not self.told.done():
            self.told.set_result(error)


class Printing:
    """A printer that never keeps the kiosk waiting, used by ``async with``.

    Receipts that cannot be printed are kept, and printed as soon as the printer is well again, the
    newest first, unless they are too late by then. A ticket that may have come out, but of which
    nobody knows, is printed again: better two than none.
    """

    def __init__(
        self, printer: Printer, clock: Clock, *, on_fault: Callable[[PrinterError | None], None]
    ) -> None:
        """``on_fault`` is called whenever something else is wrong, or nothing is any more."""
        self.fault: PrinterError | None = None
        self._clock = clock
        self._on_fault = on_fault
        self._folder = TemporaryDirectory(prefix="vuoro-printer-")
        self._process = _PrinterProcess(printer, self._folder.name)
        self._jobs: list[_Job] = []
        self._called = asyncio.Event()

    @property
    def blocked_by(self) -> PrinterError | None:
        """What keeps it from printing, if anything does."""
        return self.fault if self.fault is not None and blocks(self.fault.fault) else None

    async def __aenter__(self) -> Self:
        self._work = asyncio.create_task(self._keep_working())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._work.cancel()
        try:
            with suppress(asyncio.CancelledError):
                await self._work
        finally:
            await self._process.end()
            self._folder.cleanup()

    async def print(self, receipt: Receipt, *, within: timedelta = STALE) -> PrinterError | None:
        """Print a ticket. Return why that was not possible, or None: in three seconds.

        ``within`` is how much later it is still printed, when the printer is well again.
        """
        told = asyncio.get_running_loop().create_future()
        job = _Job(receipt, self._clock.now(), within, told)
        self._jobs.append(job)
        self._called.set()
        await asyncio.wait([job.told], timeout=TOLD)
        return job.told.result() if job.told.done() else PrinterError(Fault.SILENT)

    async def _keep_working(self) -> None:
        while True:
            self._called.clear()
            now = self._clock.now()
            self._jobs = [job for job in self._jobs if elapsed(job.asked_at, now) <= job.within]
            job = self._jobs[-1] if self._jobs else None
            outcome = await self._process.ask(job.receipt if job else None)
            if job and outcome.printed:
                self._jobs.remove(job)
                job.tell(None)
            self._take(outcome)
            if blocks(outcome.fault) or not self._jobs:
                rest = TRIES if blocks(outcome.fault) else LOOKS
                with suppress(TimeoutError):
                    async with asyncio.timeout(rest):
                        await self._called.wait()

    def _take(self, outcome: Outcome) -> None:
        error = PrinterError(outcome.fault, outcome.detail) if outcome.fault else None
        if blocks(outcome.fault):
            for job in self._jobs:
                job.tell(error)
        if str(error) != str(self.fault):  # something else is told
            self.fault = error
            self._on_fault(error)


class _Running(NamedTuple):
    process: Process
    answers: StreamReader
    orders: StreamWriter


class _PrinterProcess:
    """The process that has the printer: started when there is something to do, killed if it hangs.

    It stays: to start takes it up to a second or two, to print a ticket a twentieth of one.
    """

    def __init__(self, printer: Printer, folder: str) -> None:
        """``folder`` is where python-escpos may keep what it keeps in files."""
        self._printer = msgspec.json.encode(printer).decode()
        self._environment = {
            **os.environ,
            "TMPDIR": folder,
            "ESCPOS_CAPABILITIES_PICKLE_DIR": folder,
        }
        self._running: _Running | None = None

    async def ask(self, receipt: Receipt | None) -> Outcome:
        """Have a receipt printed, or only the printer looked at."""
        try:
            if self._running is not None and not self._running.answers.at_eof():
                # Where it had ended already, nobody has read any of the order.
                with suppress(ConnectionError):
                    return await self._answer(self._running, receipt)
            await self._kill()
            return await self._answer(await self._start(), receipt)
        except TimeoutError:
            outcome = Outcome(Fault.SILENT)
        except (OSError, EOFError) as error:
            outcome = Outcome(Fault.FAILED, str(error))
        await self._kill()
        return outcome

    async def _answer(self, running: _Running, receipt: Receipt | None) -> Outcome:
        running.orders.write(msgspec.json.encode(receipt) + b"\n")
        return msgspec.json.decode(await _line(running, ANSWERS), type=Outcome)

    async def _start(self) -> _Running:
        ours, theirs = socketpair()
        answers, orders = await asyncio.open_unix_connection(sock=ours)
        starting = asyncio.ensure_future(
            asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "kiosk.paper.child", str(theirs.fileno()), self._printer),
                pass_fds=[theirs.fileno()],
                stdin=DEVNULL,
                stdout=DEVNULL,
                stderr=DEVNULL,
                env=self._environment,
                start_new_session=True,  # to be killed with all that it has started
            )
        )
        try:
            process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            # Python would forget a process that has begun to be: it is killed with the others.
            self._running = _Running(await starting, answers, orders)
            raise
        except BaseException:
            orders.close()
            raise
        finally:
            theirs.close()
        self._running = _Running(process, answers, orders)
        await _line(self._running, STARTS)
        return self._running

    async def end(self) -> None:
        """Let it finish what it does, if that is soon."""
        if self._running is not None:
            self._running.orders.close()
            with suppress(TimeoutError):
                async with asyncio.timeout(ENDS):
                    await self._running.process.wait()
            await self._kill()

    async def _kill(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            running.orders.close()
            with suppress(ProcessLookupError):
                os.killpg(running.process.pid, signal.SIGKILL)
            # One that is stuck in the system's own driver dies when that lets go of it.
            with suppress(TimeoutError):
                async with asyncio.timeout(ENDS):
                    await running.process.wait()


async def _line(running: _Running, within: float) -> bytes:
    # Not by wait_for: in Python 3.11 it is not cancelled if the line comes at that moment.
    async with asyncio.timeout(within):
        line = await running.answers.readline()
    if not line.endswith(b"\n"):
        raise EOFError(f"its process has ended with {await running.process.wait()}")
    return line
