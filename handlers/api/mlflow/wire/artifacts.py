"""Stored files as MLflow's clients read them."""

from collections.abc import Sequence
from typing import Any

from core.ports import Entry, SignedRequest
from core.services.uploads import SignedPart


def listed_file(entry: Entry, folder: str = "") -> dict[str, Any]:
    """A file or a folder, its path below `folder` or, without one, its name."""
    name = entry.name.removesuffix("/")
    path = f"{folder}/{name}" if folder else name
    if entry.is_folder:
        return {"path": path, "is_dir": True}
    return {"path": path, "is_dir": False, "file_size": entry.size_bytes or 0}


def download(request: SignedRequest, size_bytes: int) -> dict[str, Any]:
    """Where to fetch a file, and how large it is."""
    return {"url": request.url, "headers": dict(request.headers), "file_size": size_bytes}


def multipart(upload_id: str, parts: Sequence[SignedPart]) -> dict[str, Any]:
    """An upload that was opened: where to send each of its parts."""
    return {
        "upload_id": upload_id,
        "credentials": [
            {
                "url": part.request.url,
                "part_number": part.number,
                "headers": dict(part.request.headers),
            }
            for part in parts
        ],
    }
