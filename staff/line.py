"""A line of plain text, or a few."""

from __future__ import annotations

from textual.widgets import Static


class Line(Static):
    """Text as it stands, cut with … where it is too long; drawn again only when it has changed."""

    DEFAULT_CSS = """
    Line { width: 1fr; height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(text, markup=False, id=id, classes=classes)

    def tell(self, text: str) -> None:
        """Show the text; without one, take no room."""
        self.display = bool(text)
        if text != self.content:
            self.update(text)
