"""Files of runs as JSON."""

from typing import Any

from core.ports import Entry


def logged_entry(entry: Entry, folder: str = "") -> dict[str, Any]:
    """A file with its size, or a folder."""
    name = entry.name.removesuffix("/")
    folder = folder.rstrip("/")
    return {
        "path": f"{folder}/{name}" if folder else name,
        "is_folder": entry.is_folder,
        "size_bytes": entry.size_bytes,
    }
