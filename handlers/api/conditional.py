"""Conditional requests (RFC 9110, 13): strong ETags for all that is read, 304 and 412."""

import hashlib
import re
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from core.errors import Invalid, Stale

KEPT = ("ETag", "Cache-Control", "Vary", "Location")
"""Headers that a 304 repeats (RFC 9110, 15.4.5)."""

_TAG = r'(?:W/)?"[\x21\x23-\x7e\x80-\xff]*"'
_TAGS = re.compile(rf"[ \t]*{_TAG}[ \t]*(?:,[ \t]*{_TAG}[ \t]*)*")


@dataclass(frozen=True, slots=True)
class EntityTags:
    """What an If-Match or If-None-Match header names: anything there is, or these tags."""

    any: bool
    tags: tuple[str, ...] = ()

    @property
    def strong(self) -> tuple[str, ...]:
        """The tags that promise the same bytes."""
        return tuple(tag for tag in self.tags if not tag.startswith("W/"))

    def match(self, etag: str, *, weakly: bool = False) -> bool:
        """Whether the strong `etag` is named; `weakly`, a weak tag of the same value will do."""
        named = [tag.removeprefix("W/") for tag in self.tags] if weakly else self.strong
        return self.any or etag in named


def entity_tags(header: str) -> EntityTags | None:
    """Read the header; None if it is none (RFC 9110, 8.8.3 and 13.1)."""
    if header.strip() == "*":
        return EntityTags(any=True)
    if not _TAGS.fullmatch(header):
        return None
    return EntityTags(any=False, tags=tuple(re.findall(_TAG, header)))


def expected_tags(header: str) -> EntityTags:
    """Read an If-Match header. Raises `Invalid` if it is none."""
    tags = entity_tags(header)
    if tags is None:
        raise Invalid(
            "The If-Match header holds no ETag.",
            next_step='Send the ETag of the object as it was read, such as "3" with its quotes.',
        )
    return tags


def known_tags(request: Request) -> EntityTags:
    """What the client says that it has already; a header that is none says nothing."""
    header = ",".join(request.headers.getlist("if-none-match"))
    return entity_tags(header) or EntityTags(any=False)


def conditional(request: Request, answer: Response) -> Response:
    """The answer to a read with its ETag; 304 instead if the client has it already.

    What says `no-store` stays as it is. Raises `Stale` if an If-Match header names others.
    """
    if request.method != "GET" or answer.status_code != 200:
        return answer
    if answer.headers.get("cache-control") == "no-store":
        return answer
    etag = answer.headers.setdefault("ETag", bytes_tag(bytes(answer.body)))
    answer.headers.setdefault("Cache-Control", "private, no-cache")
    answer.headers["Vary"] = "Authorization"
    expected = request.headers.get("if-match")
    if expected is not None and not expected_tags(expected).match(etag):
        raise Stale(
            f"What you ask for has the ETag {etag}, not the one that you sent.",
            next_step="Read it without If-Match to see what it is now.",
        )
    return not_modified(answer) if known_tags(request).match(etag, weakly=True) else answer


def not_modified(answer: Response) -> Response:
    """304 in place of the answer."""
    headers = {name: answer.headers[name] for name in KEPT if name in answer.headers}
    return Response(status_code=304, headers=headers)


def bytes_tag(content: bytes) -> str:
    """The strong ETag of exactly these bytes."""
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'
