"""Answers about the files of runs."""

from handlers.api.v1.document.common import Answer


class LoggedEntry(Answer):
    """A file with its size, or a folder."""

    path: str
    is_folder: bool
    size_bytes: int | None
