"""Answers about the files of runs."""

from datetime import datetime

from handlers.api.v1.document.common import Answer


class LoggedEntry(Answer):
    """A file with its size, or a folder."""

    path: str
    is_folder: bool
    size_bytes: int | None


class LoggedSending(Answer):
    """The request (a PUT of the whole file, at most 5 GiB) that sends a file of a run."""

    path: str
    url: str
    headers: dict[str, str]
    expires_at: datetime
