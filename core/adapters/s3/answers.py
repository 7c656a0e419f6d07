"""The few XML documents of the S3 API that the registry reads and writes."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree

from core.adapters.s3.connections import Answer
from core.errors import Unavailable
from core.ports import Entry, Part

# Refusals that may come after a 200, or for a bucket that is gone: the parts are not at fault.
NOT_ABOUT_PARTS = frozenset({"InternalError", "NoSuchBucket", "ServiceUnavailable", "SlowDown"})
# How stores refuse to copy more than 5 GiB in one request.
TOO_LARGE_FOR_ONE_COPY = frozenset({"InvalidRequest", "EntityTooLarge", "InvalidArgument"})
# What stores on a file system say where a file lies at the name of a folder, or the other way.
CLASHES = frozenset({"XMinioParentIsObject", "XMinioObjectExistsAsDirectory"})
# What a bucket without locks answers, a store that knows none, and one that does not tell us.
NO_LOCK = frozenset(
    {
        "ObjectLockConfigurationNotFoundError",
        "NoSuchObjectLockConfiguration",
        "NotImplemented",
        "AccessDenied",
    }
)


def sha256_base64(digest: str) -> str:
    """A hex digest as the checksum headers write it."""
    return base64.b64encode(bytes.fromhex(digest)).decode()


def sha256_hex(checksum: str | None) -> str | None:
    """The hex digest in a checksum header or element; None if there is none, or no SHA-256."""
    try:
        digest = base64.b64decode(checksum or "", validate=True)
    except binascii.Error:
        return None
    return digest.hex() if len(digest) == 32 else None


def both_digests(checksum: str | None) -> tuple[str | None, str | None]:
    """(`sha256`, `parts_sha256`) of an object: the store writes the latter as `base64-N`, with
    the number of parts."""
    whole, composite, _ = (checksum or "").partition("-")
    return (None, sha256_hex(whole)) if composite else (sha256_hex(whole), None)


def time(text: str | None) -> datetime | None:
    """A time in a header or element (ISO 8601, RFC 3339); None if there is none."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def error_code(answer: Answer) -> str | None:
    """The store's name of what went wrong; None if nothing did.

    A long operation may answer 200 first and fail in the body later.
    """
    if answer.status < 300 and b"<Error" not in answer.body:
        return None
    try:
        root = ElementTree.fromstring(answer.body.strip())
    except ElementTree.ParseError:
        return f"status {answer.status}"
    if not root.tag.endswith("Error"):
        return None if answer.status < 300 else f"status {answer.status}"
    return root.findtext("{*}Code") or f"status {answer.status}"


def text(answer: Answer, name: str) -> str:
    """The text of one element of the answer, wherever it stands; empty if it is not there."""
    return _root(answer).findtext(f".//{{*}}{name}") or ""


def listed_parts(answer: Answer) -> list[Part]:
    """One page of ListParts."""
    return [
        Part(
            number=int(element.findtext("{*}PartNumber") or 0),
            size_bytes=int(element.findtext("{*}Size") or 0),
            etag=(element.findtext("{*}ETag") or "").strip('"'),
            sha256=sha256_hex(element.findtext("{*}ChecksumSHA256")),
        )
        for element in _root(answer).iterfind("{*}Part")
    ]


def listed_entries(answer: Answer, prefix: str) -> list[Entry]:
    """One page of ListObjectsV2, objects and folders by name; without the prefix itself, which
    some clients keep as an empty object."""
    root = _root(answer)
    found = [
        Entry(
            _name(element, "Key", prefix),
            int(element.findtext("{*}Size") or 0),
            datetime.fromisoformat(element.findtext("{*}LastModified") or ""),
        )
        for element in root.iterfind("{*}Contents")
    ]
    found += [
        Entry(_name(element, "Prefix", prefix)) for element in root.iterfind("{*}CommonPrefixes")
    ]
    return sorted((each for each in found if each.name), key=lambda each: each.name)


def _name(element: ElementTree.Element, tag: str, prefix: str) -> str:
    return (element.findtext(f"{{*}}{tag}") or "").removeprefix(prefix)


def completion(parts: Sequence[Part]) -> bytes:
    """The body of CompleteMultipartUpload. The checksums in it are not optional: a store that
    was told to expect SHA-256 refuses parts named without."""
    root = ElementTree.Element(
        "CompleteMultipartUpload", xmlns="http://s3.amazonaws.com/doc/2006-03-01/"
    )
    for part in parts:
        element = ElementTree.SubElement(root, "Part")
        ElementTree.SubElement(element, "PartNumber").text = str(part.number)
        ElementTree.SubElement(element, "ETag").text = f'"{part.etag}"'
        if part.sha256 is not None:
            ElementTree.SubElement(element, "ChecksumSHA256").text = sha256_base64(part.sha256)
    return ElementTree.tostring(root)


def _root(answer: Answer) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(answer.body.strip())
    except ElementTree.ParseError as error:
        raise Unavailable("The object store answered something that is no XML.") from error
