"""A key that can also be touched."""

from __future__ import annotations

from shared.tui.bigtext import BigText


class KeyCap(BigText):
    """Shows a key and what it does; a tap does the same."""

    DEFAULT_CSS = """
    KeyCap {
        width: 1fr;
        content-align: center middle;
    }
    """

    def __init__(self, key: str, action: str, *, id: str | None = None) -> None:
        super().__init__(key, id=id)
        self._key = key
        self._action = action

    def label(self, text: str) -> None:
        self.text = f"{self._key} {text}"

    async def on_click(self) -> None:
        await self.run_action(self._action)
