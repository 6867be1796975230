"""What all pages have in common: their frame, their language, and how they tell of a fault."""

from __future__ import annotations

from collections.abc import Mapping

from babel import Locale
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from msgspec import Struct
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.clock import Clock
from shared.config import Config
from shared.errors import QueueError
from shared.words import Words, words
from web.assets import Assets
from web.language import chosen, preferred
from web.stream import Update


class Tongue(Struct, frozen=True):
    """A language that the page can be had in."""

    code: str
    name: str
    is_spoken: bool


class Site:
    """Makes the pages."""

    def __init__(self, config: Config, clock: Clock, assets: Assets) -> None:
        self.config = config
        self.clock = clock
        self._assets = assets
        self._languages = config.centre.languages
        self._templates = Environment(
            loader=PackageLoader(__package__),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def words(self, request: Request, otherwise: str | None = None) -> Words:
        """Return the language to answer in.

        That is the one that the address names; else ``otherwise``, if the centre speaks it; else
        the one that the browser prefers.
        """
        language = chosen(request, self._languages)
        if language is None and otherwise in self._languages:
            language = otherwise
        return words(language or preferred(request, self._languages) or self._languages[0])

    def part(self, template: str, **values: object) -> str:
        """Fill in a part of a page; returns HTML."""
        return self._templates.get_template(template).render(values)

    def page(
        self,
        request: Request,
        template: str,
        spoken: Words,
        values: Mapping[str, object],
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> HTMLResponse:
        """Fill in a whole page; each has at least a ``title`` among its values."""
        root = request.scope["root_path"]
        content = self._templates.get_template(template).render(
            centre=self.config.centre.name[spoken.language],
            language=spoken.language,
            direction=Locale.parse(spoken.language).text_direction,
            tongues=[
                Tongue(code, words(code).own_name, code == spoken.language)
                for code in self._languages
            ],
            root=root,
            asset=lambda name: root + self._assets[name],
            _=spoken.gettext,
            **values,
        )
        headers = {"Content-Language": spoken.language, **(headers or {})}
        return HTMLResponse(content, status, headers)

    def live_page(
        self,
        request: Request,
        template: str,
        spoken: Words,
        update: Update,
        *,
        events: str,
        refresh: int | None,
        **values: object,
    ) -> HTMLResponse:
        """Fill in a page as it is now.

        Its script keeps it up to date by what it hears at ``events``; without one, it is loaded
        anew after ``refresh`` seconds.
        """
        return self.page(
            request,
            template,
            spoken,
            {
                "title": update.title,
                "update": update,
                "part": {name: Markup(part) for name, part in update.parts.items()},  # noqa: S704
                "events": request.scope["root_path"] + events,
                "refresh": refresh,
                "time": spoken.time(self.clock.now()),
                **values,
            },
        )

    def notice(
        self,
        request: Request,
        error: QueueError,
        status: int,
        *,
        spoken: Words | None = None,
        headers: Mapping[str, str] | None = None,
        back: str | None = None,
    ) -> Response:
        """Say calmly what is wrong; ``back`` is the page to go on with."""
        spoken = spoken or self.words(request)
        title, message, hint = error.told(spoken.gettext)
        return self.page(
            request,
            "notice.html",
            spoken,
            {
                "title": title,
                "message": message,
                "hint": hint,
                "back": back and self.address(request, back),
            },
            status=status,
            headers=headers,
        )

    def address(self, request: Request, path: str) -> str:
        """Return the address of one of our pages, in the language that was chosen, if one was."""
        language = chosen(request, self._languages)
        query = f"?lang={language}" if language else ""
        return f"{request.scope['root_path']}{path}{query}"

    def go(self, request: Request, path: str) -> Response:
        """Send the browser on, after a form, to another page."""
        return RedirectResponse(self.address(request, path), status_code=303)
