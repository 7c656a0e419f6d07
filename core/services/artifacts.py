"""Use cases on artifacts: what versions and runs hold, by name and by id."""

from dataclasses import dataclass
from datetime import datetime

from core.domain.access import Action, Caller
from core.domain.artifacts import WHOLE, Artifact
from core.domain.fields import ARTIFACT_FIELDS, bound
from core.domain.moments import check_moment
from core.domain.orders import ID, Order, bound_orders
from core.domain.pages import Page, PageRequest
from core.domain.search import Comparison, Operator, Path, all_of
from core.domain.subjects import artifact_subject
from core.domain.versions import ByNumber, ModelVersion, VersionReference
from core.errors import NotFound
from core.ports import BlobStore, Clock, Database, SignedRequest
from core.services.attachments import artifact_with_id, readable
from core.services.lookups import ready_version_of, version_of
from core.services.moments import state_at, states_at, version_at
from core.services.pulls import handed_out

OLDEST_FIRST = bound_orders([Order(ID)], ARTIFACT_FIELDS)


@dataclass(frozen=True, slots=True)
class FoundArtifact:
    """An artifact of a version. `request` fetches its bytes and `sha256` is theirs (hex), if it
    is a single managed file; None for a directory and for a reference."""

    version: ModelVersion
    artifact: Artifact
    sha256: str | None = None
    request: SignedRequest | None = None


@dataclass(frozen=True, slots=True)
class Artifacts:
    """Read artifacts, by their version and name or by id."""

    database: Database
    blobs: BlobStore
    clock: Clock

    def of_version(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        request: PageRequest,
        *,
        as_of: datetime | None = None,
    ) -> Page[Artifact]:
        """The artifacts of a version, oldest first. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        version = self._version(namespace, model, reference, as_of)
        query = ("artifacts", namespace, str(version.id), str(as_of or ""))
        after = request.after_number(*query)
        rows = self.database.artifacts.search(
            [namespace],
            bound(Comparison(Path("version_id"), Operator.EQUAL, version.id), ARTIFACT_FIELDS),
            orders=OLDEST_FIRST,
            after=None if after is None else (after,),
            limit=request.size + 1,
        )
        page = request.page(rows, lambda artifact: artifact.id, *query)
        if as_of is None:
            return page
        subjects = [artifact_subject(namespace, each.id) for each in page.items]
        then = sorted(states_at(self.database, subjects, Artifact, as_of), key=lambda a: a.id)
        return Page(tuple(then), page.next_token)

    def get(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        name: str,
        *,
        as_of: datetime | None = None,
    ) -> FoundArtifact:
        """One artifact by its name, the oldest if several have it; with the request that fetches
        it if it is a managed file.

        Raises `NotFound`, and `Conflict` for a file of a version that is not ready or is retired.
        """
        caller.require(Action.FILE_READ, namespace, model=model)
        version = self._version(namespace, model, reference, as_of)
        found = self._named(version, name)
        if as_of is not None and found is not None:
            subject = artifact_subject(namespace, found.id)
            found = state_at(self.database, subject, Artifact, as_of)
        if found is None:
            raise NotFound(
                f"Version {version.number} of {model!r} has no artifact {name[:200]!a}.",
                next_step="List its artifacts to see their names.",
            )
        file = None if found.path is None else self.database.files.get(version.id, found.path)
        if file is None:
            return FoundArtifact(version, found)
        ready = ready_version_of(self.database, namespace, model, ByNumber(version.number))
        at = self.clock.now()
        (request,) = handed_out(self.database, self.blobs, caller, ready, [file], at=at)
        return FoundArtifact(version, found, file.sha256, request)

    def with_id(
        self, caller: Caller, namespace: str, id: int, *, as_of: datetime | None = None
    ) -> Artifact:
        """The artifact of this decimal id, now or at a moment. Raises `NotFound`, `Invalid`."""
        caller.require(Action.NAMESPACE_SEE, namespace)
        check_moment(as_of, self.clock.now())
        if as_of is None:
            return artifact_with_id(self.database, caller, namespace, id)
        found = state_at(self.database, artifact_subject(namespace, id), Artifact, as_of)
        return readable(found, caller, namespace, id)

    def uri_of(self, artifact: Artifact) -> str | None:
        """Where its bytes are, for clients with rights of their own; None for a mere value."""
        if artifact.path is None or artifact.model is None:
            return artifact.uri
        return self.blobs.uri(artifact.files_at + ("" if artifact.path == WHOLE else artifact.path))

    def _named(self, version: ModelVersion, name: str) -> Artifact | None:
        wanted = (("version_id", version.id), ("name", name))
        terms = (Comparison(Path(field), Operator.EQUAL, value) for field, value in wanted)
        tree = all_of(*terms)
        assert tree is not None
        found = self.database.artifacts.search(
            [version.namespace],
            bound(tree, ARTIFACT_FIELDS),
            orders=OLDEST_FIRST,
            after=None,
            limit=1,
        )
        return found[0] if found else None

    def _version(
        self, namespace: str, model: str, reference: VersionReference, as_of: datetime | None
    ) -> ModelVersion:
        check_moment(as_of, self.clock.now())
        if as_of is None:
            return version_of(self.database, namespace, model, reference)
        return version_at(self.database, namespace, model, reference, as_of)
