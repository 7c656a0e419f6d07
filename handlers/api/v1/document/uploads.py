"""Answers about uploads."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from handlers.api.v1.document.common import Answer
from handlers.api.v1.document.versions import ModelVersion


class Transfer(BaseModel):
    """How to send a file: `put` has url, headers and expires_at, `multipart` the rest."""

    model_config = ConfigDict(extra="forbid")

    path: str
    size_bytes: int
    method: Literal["put", "multipart"]
    url: str = ""
    headers: dict[str, str] = {}
    expires_at: datetime | None = None
    part_size_bytes: int = 0
    part_count: int = 0
    received_parts: list[int] = []


class Upload(Answer):
    """How to send what the store lacks."""

    state: Literal["pending", "ready", "abandoned"]
    upload_expires_at: datetime | None
    items: list[Transfer]
    next_page_token: str | None


class SignedPart(Answer):
    """A part and the request that sends it."""

    number: int
    url: str
    headers: dict[str, str]
    expires_at: datetime


class SignedParts(Answer):
    """Requests that send parts."""

    items: list[SignedPart]


class Remaining(Answer):
    """A file that has not been received."""

    path: str
    problem: str


class Completion(Answer):
    """What asking for completion came to."""

    state: Literal["pending", "ready", "abandoned"]
    remaining: list[Remaining]
    version: ModelVersion
