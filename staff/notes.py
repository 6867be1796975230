"""What else there is to know of a ticket: short, and only what there is."""

from __future__ import annotations

from shared.config import Config
from shared.model import Errand
from shared.words import Words
from staff.units import Units

HEAD_START = "▲"
"""The sign of a ticket that has a head start."""


class Notes:
    """Writes them in one language."""

    def __init__(self, config: Config, words: Words) -> None:
        self._words = words
        self._units = Units(config.units, words.language)
        self._priorities = {each.id: each.name[words.language] for each in config.priorities}
        self._reasons = {each.id: each.name[words.language] for each in config.reasons}

    def all(self, errand: Errand) -> list[str]:
        """Return the class of its head start, if it has one, and the other notes."""
        if errand.priority is None:
            return self.but_priority(errand)
        priority = self._priorities.get(errand.priority, errand.priority)
        return [f"{HEAD_START} {priority}", *self.but_priority(errand)]

    def but_priority(self, errand: Errand) -> list[str]:
        """Return what there is besides."""
        say, units = self._words, self._units
        found = []
        if errand.appointed_at is not None:
            time = say.time(errand.appointed_at)
            found.append(say.gettext("booked for {time}", time=time))
        if errand.origin is not None:
            unit = units.name(errand.origin)
            if errand.reason is None:
                found.append(say.gettext("from {unit}", unit=unit))
            else:
                reason = self._reasons.get(errand.reason, errand.reason)
                found.append(say.gettext("from {unit}: {reason}", unit=unit, reason=reason))
        if errand.back_to is not None and errand.back_to == errand.origin:
            found.append(say.gettext("then back"))
        elif errand.back_to is not None:
            found.append(say.gettext("then back: {unit}", unit=units.name(errand.back_to)))
        if errand.put_off:
            found.append(
                say.ngettext("asked for more time", "asked {n} times for more time", errand.put_off)
            )
        if errand.also:
            found.append(say.gettext("also: {units}", units=units.names(errand.also)))
        return found
