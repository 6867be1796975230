"""Which language a page speaks. No cookie remembers it: it is in the ticket, or the address."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request


def chosen(request: Request, languages: Sequence[str]) -> str | None:
    """Return the language that the page's address names, if it is one of these."""
    language = request.query_params.get("lang")
    return language if language in languages else None


def preferred(request: Request, languages: Sequence[str]) -> str | None:
    """Return whichever of these languages the browser likes best (RFC 9110, 12.5.4)."""
    wishes = []
    for wish in request.headers.get("accept-language", "").split(","):
        tag, _, weight = wish.partition(";")
        language = tag.strip().partition("-")[0].lower()
        if language in languages:
            wishes.append((_weight(weight), language))
    liked = [(weight, language) for weight, language in wishes if weight > 0]
    return max(liked, key=lambda wish: wish[0])[1] if liked else None


def _weight(text: str) -> float:
    name, _, value = text.replace(" ", "").partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name == "q" else 0.0
    except ValueError:
        return 0.0
