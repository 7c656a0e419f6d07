"""Bytes that pass through the registry, because a client cannot send them straight to the store."""

from core.errors import TooLarge
from core.ports import BlobStore, Part

_PART_BYTES = 8 << 20
"""So much of it is in memory at most, whatever its size."""


class Arrival:
    """One file on its way into the store. Nobody sees anything of it before it is closed."""

    def __init__(self, blobs: BlobStore, key: str, limit_bytes: int) -> None:
        self.size_bytes = 0
        self._blobs = blobs
        self._key = key
        self._limit_bytes = limit_bytes
        self._waiting = bytearray()
        self._multipart_id: str | None = None
        self._parts: list[Part] = []

    def take(self, chunk: bytes) -> None:
        """Take the next bytes. Raises `TooLarge` over the limit, and `Unavailable`."""
        self.size_bytes += len(chunk)
        check_passing(self.size_bytes, self._limit_bytes)
        self._waiting += chunk
        while len(self._waiting) > _PART_BYTES:
            self._send(bytes(self._waiting[:_PART_BYTES]))
            del self._waiting[:_PART_BYTES]

    def close(self) -> None:
        """All bytes are there: make the file of them, in place of the one there is."""
        if self._multipart_id is None:
            self._blobs.put(self._key, bytes(self._waiting))
            return
        self._send(bytes(self._waiting))
        self._blobs.finish(self._key, self._multipart_id, self._parts)

    def give_up(self) -> None:
        """Forget what has arrived; the file stays what it was."""
        if self._multipart_id is not None:
            self._blobs.abort(self._key, self._multipart_id)

    def _send(self, content: bytes) -> None:
        if self._multipart_id is None:
            self._multipart_id = self._blobs.start(self._key, digested=False)
        number = len(self._parts) + 1
        self._parts.append(self._blobs.send_part(self._key, self._multipart_id, number, content))


def check_passing(size_bytes: int, limit_bytes: int) -> None:
    """Raise `TooLarge` if so many bytes may not pass through the registry."""
    if size_bytes > limit_bytes:
        raise TooLarge(
            f"The file has more than {limit_bytes} bytes, which is the most that may pass through"
            " the registry itself.",
            next_step="Send it by multipart, straight to the object store; or let an operator"
            " raise MODELRY_MAX_PROXIED_BYTES.",
        )
