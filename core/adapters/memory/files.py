"""Declared files in memory."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.adapters.memory.tables import MemoryStore, insert, is_after
from core.domain.files import File, FileState


class MemoryFiles(MemoryStore):
    """See `core.ports.FileStore`."""

    def get(self, version_id: int, path: str) -> File | None:
        with self.use(False) as tables:
            return tables.files.get((version_id, path))

    def page(
        self, version_id: int, *, after: str | None, limit: int, missing_only: bool = False
    ) -> Sequence[File]:
        with self.use(False) as tables:
            keys = sorted(key for key in tables.files if key[0] == version_id)
            files = [tables.files[key] for key in keys if is_after(key[1], after)]
            return [f for f in files if not missing_only or f.state is FileState.MISSING][:limit]

    def twins(self, namespace: str, digests: Collection[str]) -> Mapping[str, File]:
        with self.use(False) as tables:
            return {
                file.sha256: file
                for file in tables.files.values()
                if file.namespace == namespace
                and file.state is FileState.RECEIVED
                and file.sha256 in digests
            }

    def insert(self, files: Iterable[File]) -> None:
        with self.use(False) as tables:
            for file in files:
                insert(tables.files, (file.version_id, file.path), file, f"file {file.path!r}")

    def remove(self, version_id: int, paths: Collection[str]) -> None:
        with self.use(False) as tables:
            for path in paths:
                tables.files.pop((version_id, path), None)

    def begin(self, file: File, multipart_id: str) -> bool:
        return self._update(file, if_none_open=True, multipart_id=multipart_id)

    def receive(self, file: File, at: datetime, *, sha256: str = "") -> bool:
        received: dict[str, Any] = {"state": FileState.RECEIVED, "received_at": at}
        if sha256:
            received["sha256"] = sha256
        return self._update(file, problem=None, multipart_id=None, **received)

    def refuse(self, file: File, problem: str) -> None:
        self._update(file, problem=problem, multipart_id=None)

    def _update(self, file: File, *, if_none_open: bool = False, **changes: Any) -> bool:
        key = (file.version_id, file.path)
        with self.use(False) as tables:
            stored = tables.files.get(key)
            if stored is None or stored.state is FileState.RECEIVED:
                return False
            if if_none_open and stored.multipart_id is not None:
                return False
            tables.files[key] = replace(stored, **changes)
            return True
