"""Operations on the artifacts of versions."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from modelry.moments import moment
from modelry.records import Artifact
from modelry.references import Reference
from modelry.session import Session, given


class Artifacts(Session):
    """Artifacts of versions."""

    def artifacts(
        self,
        reference: str | Reference,
        *,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[Artifact]:
        """The artifacts of a version: its own files by `path`, references by `uri`."""
        path = self.resolve(reference, namespace).version_path()
        pages = self.transport.items(f"{path}/artifacts", as_of=moment(as_of))
        return map(Artifact.read, pages)

    def artifact(
        self,
        id: int | str,
        *,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Artifact:
        """An artifact by its decimal id. Raises `NotFound`."""
        path = f"{self.in_namespace(namespace)}/artifacts/{int(id)}"
        return Artifact.read(self.transport.get(path, **given(as_of=moment(as_of))).document)

    def attach_artifact(
        self,
        reference: str | Reference,
        name: str,
        kind: str,
        *,
        namespace: str | None = None,
        uri: str | None = None,
        digest: str | None = None,
        size_bytes: int | None = None,
        media_type: str | None = None,
        details: Mapping[str, Any] | None = None,
        idempotency_key: str | None = None,
        **described: Any,
    ) -> Artifact:
        """Attach an artifact to a version that is there, which itself does not change.

        `kind` is model, document, dataset, metric or parameter. Raises `Conflict` if one of the
        kind has the name already.
        """
        body = given(
            name=name,
            kind=kind,
            uri=uri,
            digest=digest,
            size_bytes=size_bytes,
            media_type=media_type,
            details=details,
            **described,
        )
        path = f"{self.resolve(reference, namespace).version_path()}/artifacts"
        return Artifact.read(self.create(path, body, idempotency_key).document)

    def update_artifact(
        self,
        id: int | str,
        *,
        etag: str = "*",
        namespace: str | None = None,
        reason: str | None = None,
        **changes: Any,
    ) -> Artifact:
        """Change fields by merge patch: None removes. Raises `Stale` if it is not at `etag`, and
        `Invalid` for what an artifact fixed at registration is."""
        path = f"{self.in_namespace(namespace)}/artifacts/{int(id)}"
        return Artifact.read(self.patch(path, etag, changes, reason))
