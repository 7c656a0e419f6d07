"""The files of versions in the database."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.domain.files import File


class FileStore(Protocol):
    """The declared files of versions. Their transfer is bookkeeping and needs no events."""

    def get(self, version_id: int, path: str) -> File | None: ...

    def page(
        self, version_id: int, *, after: str | None, limit: int, missing_only: bool = False
    ) -> Sequence[File]:
        """By path, ascending by code point."""
        ...

    def twins(self, namespace: str, digests: Collection[str]) -> Mapping[str, File]:
        """A received file of the namespace for each of these SHA-256 digests that has one."""
        ...

    def insert(self, files: Iterable[File]) -> None: ...

    def remove(self, version_id: int, paths: Collection[str]) -> None:
        """Forget these files of a version that is being purged."""
        ...

    def begin(self, file: File, multipart_id: str) -> bool:
        """Note the store's multipart upload; False if the file has one already or is received."""
        ...

    def receive(self, file: File, at: datetime, *, sha256: str = "") -> bool:
        """Mark it received, clearing its problem and multipart upload; False if it already was.
        The digest is noted if it is given, as that of a copied file whose was not known."""
        ...

    def refuse(self, file: File, problem: str) -> None:
        """Note why bytes that arrived were refused, and forget the multipart upload they came
        by: the file is missing still. A received file is left alone."""
        ...
