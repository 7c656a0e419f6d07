"""Files of runs as JSON."""

from typing import Any

from pydantic import Field

from core.ports import Entry, SignedRequest
from handlers.api.v1.wire.common import Body


class NewLoggedFile(Body):
    """A file that is to be sent."""

    path: str = Field(max_length=1024)


def logged_entry(entry: Entry, folder: str = "") -> dict[str, Any]:
    """A file with its size, or a folder."""
    name = entry.name.removesuffix("/")
    folder = folder.rstrip("/")
    return {
        "path": f"{folder}/{name}" if folder else name,
        "is_folder": entry.is_folder,
        "size_bytes": entry.size_bytes,
    }


def sending(path: str, request: SignedRequest) -> dict[str, Any]:
    """The request that sends a file."""
    return {
        "path": path,
        "url": request.url,
        "headers": request.headers,
        "expires_at": request.expires_at,
    }
