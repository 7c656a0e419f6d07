"""Operations that put models and versions out of sight, and back."""

from modelry.records import Model, Version
from modelry.references import Reference
from modelry.session import Session


class Deletions(Session):
    """Archiving, deletion, and the ways back. Models are named `MODEL`, versions `MODEL:3`."""

    def archive(
        self,
        reference: str | Reference,
        *,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Model | Version:
        """Leave it out of lists; it can be read still.

        Raises `Conflict` for a version that aliases point to.
        """
        return self._kept("POST", reference, namespace, "/archive", reason)

    def restore(
        self,
        reference: str | Reference,
        *,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Model | Version:
        """Put an archived one back into lists."""
        return self._kept("POST", reference, namespace, "/restore", reason)

    def delete(
        self, reference: str | Reference, *, reason: str, namespace: str | None = None
    ) -> Model | Version:
        """Put it out of reach, for a reason; until its `purge_at` it can be undeleted.

        Raises `Conflict` for a version that aliases point to.
        """
        return self._kept("DELETE", reference, namespace, "", reason)

    def undelete(
        self,
        reference: str | Reference,
        *,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Model | Version:
        """Bring a deleted one back as it was. Raises `Conflict` if it is not, or too late."""
        return self._kept("POST", reference, namespace, "/undelete", reason)

    def _kept(
        self,
        method: str,
        reference: str | Reference,
        namespace: str | None,
        verb: str,
        reason: str | None,
    ) -> Model | Version:
        resolved = self.resolve(reference, namespace)
        path = f"{resolved.path()}{verb}"
        answer = self.transport.request(method, path, query={"reason": reason})
        kind = Model if resolved.version is None else Version
        return kind.read(answer.document)
