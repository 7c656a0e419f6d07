"""Use cases on artifacts: what versions and runs hold, by name and by id."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.artifacts import Artifact, ArtifactState, check_attached
from core.domain.common import check_revision, check_size, patched
from core.domain.fields import ARTIFACT_FIELDS, bound
from core.domain.moments import check_moment
from core.domain.orders import ID, Order, bound_orders
from core.domain.pages import Page, PageRequest
from core.domain.search import Comparison, Operator, Path, all_of
from core.domain.subjects import artifact_subject, event_of
from core.domain.versions import ByNumber, ModelVersion, VersionReference
from core.errors import NotFound
from core.ports import BlobStore, Clock, Database, SignedRequest, Stores
from core.services.attachments import attach
from core.services.claims import created_before, remember
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
    """Read the artifacts of versions, attach others later, and describe them.

    Those that were listed when the version was registered, and the whole of its files, stay what
    they are for ever; of the others `uri`, `digest`, `media_type` and `details` can be corrected.
    """

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
            return _with_id(self.database, caller, namespace, id)
        found = state_at(self.database, artifact_subject(namespace, id), Artifact, as_of)
        return _readable(found, caller, namespace, id)

    def attach(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        what: Mapping[str, Any],
        *,
        replaces: bool = False,
    ) -> Artifact:
        """Attach an artifact to a version that is there.

        `what` holds `name` and `kind`, a reference or details, and what every object has. With
        `replaces` a metric or parameter of the same name is changed instead. Raises `NotFound`,
        `Invalid`, and `Taken` for a name that its kind has in this version already.
        """
        caller.require(Action.VERSION_UPDATE, namespace, model=model)
        check_attached(what)
        at, id = self.clock.now(), self.database.next_id("artifact")

        def work(stores: Stores) -> Artifact:
            if before := created_before(stores, caller, Artifact, at):
                return before
            version = version_of(stores, namespace, model, reference)
            new = _new(caller, namespace, id, what, at)
            new = replace(new, model=model, number=version.number, version_id=version.id)
            if replaces and (same := _same(stores, new)):
                fields = {each: getattr(new, each) for each in ("details", *_DESCRIBED)}
                return self._change(caller, stores, same, fields, at, "")
            attach(stores, caller, [new])
            remember(stores, caller, new, at)
            return new

        return self.database.transaction(work)

    def register(self, caller: Caller, namespace: str, what: Mapping[str, Any]) -> Artifact:
        """An artifact that belongs to nothing yet. Raises as `attach` does."""
        caller.require(Action.MODEL_REGISTER, namespace)
        check_attached(what)
        at, id = self.clock.now(), self.database.next_id("artifact")

        def work(stores: Stores) -> Artifact:
            if before := created_before(stores, caller, Artifact, at):
                return before
            new = _new(caller, namespace, id, what, at)
            attach(stores, caller, [new])
            remember(stores, caller, new, at)
            return new

        return self.database.transaction(work)

    def update(
        self,
        caller: Caller,
        namespace: str,
        id: int,
        patch: Mapping[str, Any],
        *,
        expected_revision: int | None,
        reason: str = "",
    ) -> Artifact:
        """Merge-patch what can be changed of it. Raises `NotFound`, `Stale`, `Invalid`."""
        caller.require(Action.NAMESPACE_SEE, namespace)
        at = self.clock.now()

        def work(stores: Stores) -> Artifact:
            before = _with_id(stores, caller, namespace, id)
            caller.require(Action.VERSION_UPDATE, namespace, before.model)
            check_revision(f"The artifact {id}", before, expected_revision)
            return self._change(caller, stores, before, patch, at, reason)

        return self.database.transaction(work)

    def _change(
        self,
        caller: Caller,
        stores: Stores,
        before: Artifact,
        patch: Mapping[str, Any],
        at: datetime,
        reason: str,
    ) -> Artifact:
        after = patched(before, patch, at=at, by=caller.principal.name)
        if after is before:
            return before
        after = replace(after, state=ArtifactState(after.state))
        stores.artifacts.replace(after)
        stores.events.add(
            event_of(caller, "artifact.updated", at=at, before=before, after=after, reason=reason)
        )
        return after

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


_DESCRIBED = ("description", "metadata", "custom_properties", "tags")
_REPLACED = frozenset({"metric", "parameter"})


def _new(
    caller: Caller, namespace: str, id: int, what: Mapping[str, Any], at: datetime
) -> Artifact:
    by = caller.principal.name
    authored = {"created_at": at, "created_by": by, "updated_at": at, "updated_by": by}
    return check_size(
        "What is said of the artifact", Artifact(id=id, namespace=namespace, **authored, **what)
    )


def _same(stores: Stores, new: Artifact) -> Artifact | None:
    if new.kind not in _REPLACED:
        return None
    return stores.artifacts.named(new.namespace, new.parent, new.kind, new.name)


def _with_id(stores: Stores, caller: Caller, namespace: str, id: int) -> Artifact:
    return _readable(stores.artifacts.with_id(namespace, id), caller, namespace, id)


def _readable(found: Artifact | None, caller: Caller, namespace: str, id: int) -> Artifact:
    if found is None or not caller.may(Action.MODEL_READ, namespace, found.model):
        raise NotFound(
            f"There is no artifact with the id {id} in the namespace {namespace!r}.",
            next_step="Check the id, or list the artifacts of its version.",
        )
    return found
