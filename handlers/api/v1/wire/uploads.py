"""Uploads as JSON."""

from typing import Any

from core.domain.versions import ModelVersion
from core.ports import SignedRequest
from core.services.receipts import Completion
from core.services.uploads import SignedPart, Transfer
from handlers.api.v1.wire.common import Body
from handlers.api.v1.wire.versions import model_version


class WantedPart(Body):
    """A part about to be sent: its number from 1, its SHA-256 in hex."""

    number: int
    sha256: str


class WantedParts(Body):
    """Parts of one file about to be sent, at most 1000."""

    path: str
    parts: list[WantedPart]

    def digests(self) -> list[tuple[int, str]]:
        """For the use case."""
        return [(part.number, part.sha256) for part in self.parts]


def _request(request: SignedRequest) -> dict[str, Any]:
    return {
        "url": request.url,
        "headers": request.headers,
        "expires_at": request.expires_at,
    }


def upload(version: ModelVersion) -> dict[str, Any]:
    """How far the upload of a version is."""
    return {"state": version.state, "upload_expires_at": version.upload_expires_at}


def transfer(entity: Transfer) -> dict[str, Any]:
    """How to send a file: by one PUT, or in parts."""
    file = {"path": entity.file.path, "size_bytes": entity.file.size_bytes}
    if entity.put is not None:
        return {**file, "method": "put", **_request(entity.put)}
    return {
        **file,
        "method": "multipart",
        "part_size_bytes": entity.file.part_size_bytes,
        "part_count": entity.file.parts,
        "received_parts": entity.received_parts,
    }


def signed_part(entity: SignedPart) -> dict[str, Any]:
    """A part and the request that sends it."""
    return {"number": entity.number, **_request(entity.request)}


def completion(entity: Completion) -> dict[str, Any]:
    """What asking for completion came to."""
    return {
        "state": entity.version.state,
        "remaining": [{"path": lack.path, "problem": lack.problem} for lack in entity.lacks],
        "version": model_version(entity.version),
    }
