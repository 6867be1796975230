"""The files that pages need. Their names change with what is in them, so browsers keep them."""

from __future__ import annotations

from hashlib import sha256
from importlib import resources
from pathlib import PurePath

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}

FOR_EVER = "public, max-age=31536000, immutable"


class Assets:
    """What is in the folder ``static``, read once."""

    def __init__(self) -> None:
        self._named: dict[str, str] = {}
        self._responses: dict[str, tuple[bytes, str]] = {}
        for file in resources.files(__package__).joinpath("static").iterdir():
            content, path = file.read_bytes(), PurePath(file.name)
            name = f"{path.stem}.{sha256(content).hexdigest()[:12]}{path.suffix}"
            self._named[file.name] = name
            self._responses[name] = content, _KINDS[path.suffix]

    def __getitem__(self, name: str) -> str:
        """Return the address of a file, from where the pages begin."""
        return f"/static/{self._named[name]}"

    async def serve(self, request: Request) -> Response:
        """Answer with a file; the address is ``/static/{name}``."""
        if (found := self._responses.get(request.path_params["name"])) is None:
            raise HTTPException(404)
        content, kind = found
        return Response(content, headers={"Content-Type": kind, "Cache-Control": FOR_EVER})
