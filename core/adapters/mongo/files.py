"""Declared files as documents: one each, so that transfers do not contend for the version."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, after_key
from core.domain.files import File, FileState


class MongoFiles:
    """See `core.ports.FileStore`."""

    def __init__(self, documents: Documents[File]) -> None:
        self._documents = documents

    def get(self, version_id: int, path: str) -> File | None:
        return self._documents.one({"_id": _key(version_id, path)})

    def page(
        self, version_id: int, *, after: str | None, limit: int, missing_only: bool = False
    ) -> Sequence[File]:
        filter: dict[str, Any] = {"version_id": version_id, **after_key("path", after)}
        if missing_only:
            filter["state"] = FileState.MISSING.value
        return self._documents.many(filter, [("path", ASCENDING)], limit)

    def twins(self, namespace: str, digests: Collection[str]) -> Mapping[str, File]:
        filter = {
            "namespace": namespace,
            "state": FileState.RECEIVED.value,
            "sha256": {"$in": list(digests)},
        }
        return {file.sha256: file for file in self._documents.first_of_each("sha256", filter)}

    def insert(self, files: Iterable[File]) -> None:
        keyed = ((_key(file.version_id, file.path), file) for file in files)
        self._documents.insert_all(keyed, "path of one of the files")

    def remove(self, version_id: int, paths: Collection[str]) -> None:
        self._documents.remove_all([_key(version_id, path) for path in paths])

    def begin(self, file: File, multipart_id: str) -> bool:
        return self._documents.update(
            {**_missing(file), "multipart_id": None}, {"multipart_id": multipart_id}
        )

    def receive(self, file: File, at: datetime, *, sha256: str = "") -> bool:
        received: dict[str, Any] = {"state": FileState.RECEIVED.value, "received_at": at}
        if sha256:
            received["sha256"] = sha256
        return self._documents.update(
            _missing(file), {**received, "problem": None, "multipart_id": None}
        )

    def refuse(self, file: File, problem: str) -> None:
        self._documents.update(_missing(file), {"problem": problem, "multipart_id": None})


def _key(version_id: int, path: str) -> str:
    return f"{version_id}/{path}"


def _missing(file: File) -> dict[str, Any]:
    return {"_id": _key(file.version_id, file.path), "state": FileState.MISSING.value}
