"""Operations on the artifacts of versions."""

from collections.abc import Iterator
from datetime import datetime

from modelry.moments import moment
from modelry.records import Artifact
from modelry.references import Reference
from modelry.session import Session


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
