"""Use cases on what is attached to versions after their registration, and to runs."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.artifacts import Artifact, ArtifactState, check_attached
from core.domain.common import check_revision, check_size, moved_on, patched
from core.domain.parameters import with_parameters
from core.domain.run_artifacts import of_run, parameter_of, point_of
from core.domain.runs import with_points
from core.domain.subjects import event_of
from core.domain.versions import ByNumber, ModelVersion, VersionReference
from core.errors import Conflict, NotFound, Stale, Unavailable
from core.ports import BlobStore, Clock, Database, Stores
from core.services.claims import created_before, remember
from core.services.edits import put
from core.services.lookups import run_of, version_of
from core.services.measurements import measure, placed

_DESCRIBED = ("description", "metadata", "custom_properties", "tags")
_REPLACED = frozenset({"metric", "parameter"})

Owned = Callable[[Stores, Artifact], Artifact]
"""The artifact as that of what it is attached to."""


@dataclass(frozen=True, slots=True)
class Attachments:
    """Attach artifacts to versions and runs that are there, and correct them.

    Those that were listed when the version was registered, and the whole of its files, stay what
    they are for ever; of the others `uri`, `digest`, `media_type` and `details` can be corrected.
    """

    database: Database
    blobs: BlobStore
    clock: Clock

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

        def owned(stores: Stores, artifact: Artifact) -> Artifact:
            version = version_of(stores, namespace, model, reference)
            return _of_version(artifact, version)

        return self._attach(caller, namespace, what, owned, replaces=replaces)

    def attach_to_run(
        self, caller: Caller, namespace: str, run: str, what: Mapping[str, Any]
    ) -> Artifact:
        """The same to a run. A metric or parameter of the same name is changed instead; a metric
        is a point of the run's history as well, a parameter a parameter of the run.

        Raises as `attach` does, and what noting the point raises.
        """
        caller.require(Action.RUN_LOG, namespace)
        owned = _owned_by_run(namespace, run, self.clock.now())
        return self._noted(caller, self._attach(caller, namespace, what, owned, replaces=True))

    def register(self, caller: Caller, namespace: str, what: Mapping[str, Any]) -> Artifact:
        """An artifact that belongs to nothing yet. Raises as `attach` does."""
        caller.require(Action.MODEL_REGISTER, namespace)
        return self._attach(caller, namespace, what, lambda stores, artifact: artifact)

    def adopt(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        number: int,
        id: int,
        patch: Mapping[str, Any],
    ) -> Artifact:
        """Change an artifact, which becomes the version's if it belongs to nothing yet. Raises as
        `update` does, and `Conflict` for one that belongs to something else."""
        caller.require(Action.VERSION_UPDATE, namespace, model=model)

        def owned(stores: Stores, artifact: Artifact) -> Artifact:
            return _of_version(artifact, version_of(stores, namespace, model, ByNumber(number)))

        return self._adopt(caller, namespace, id, patch, owned)

    def adopt_into_run(
        self, caller: Caller, namespace: str, run: str, id: int, patch: Mapping[str, Any]
    ) -> Artifact:
        """The same for a run, which it tells of its value. Raises as `adopt` does."""
        caller.require(Action.RUN_LOG, namespace)
        owned = _owned_by_run(namespace, run, self.clock.now())
        return self._noted(caller, self._adopt(caller, namespace, id, patch, owned))

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
            before = artifact_with_id(stores, caller, namespace, id)
            action = Action.VERSION_UPDATE if before.run_id is None else Action.RUN_LOG
            caller.require(action, namespace, before.model)
            check_revision(f"The artifact {id}", before, expected_revision)
            return self._change(caller, stores, before, patch, at, reason)

        return self._noted(caller, self._measured(caller, self.database.transaction(work)))

    def _attach(
        self,
        caller: Caller,
        namespace: str,
        what: Mapping[str, Any],
        owned: Owned,
        *,
        replaces: bool = False,
    ) -> Artifact:
        check_attached(what)
        at, id = self.clock.now(), self.database.next_id("artifact")

        def work(stores: Stores) -> Artifact:
            if before := created_before(stores, caller, Artifact, at):
                return before
            new = owned(stores, _new(caller, namespace, id, what, at))
            if replaces and (same := _same(stores, new)):
                fields = {each: getattr(new, each) for each in ("details", *_DESCRIBED)}
                return self._change(caller, stores, same, fields, at, "")
            new = placed(stores, self.blobs, None, new)
            attach(stores, caller, [new])
            _tell(stores, caller, new)
            remember(stores, caller, new, at)
            return new

        return self._measured(caller, self.database.transaction(work))

    def _adopt(
        self, caller: Caller, namespace: str, id: int, patch: Mapping[str, Any], owned: Owned
    ) -> Artifact:
        at, by = self.clock.now(), caller.principal.name

        def work(stores: Stores) -> Artifact:
            before = artifact_with_id(stores, caller, namespace, id)
            after = owned(stores, before)
            if before.parent not in {"nothing", after.parent}:
                raise Conflict(
                    f"The artifact {id} belongs to {before.parent}.",
                    next_step=f"Attach another artifact to this {after.parent.partition(' ')[0]}.",
                )
            if before.parent == after.parent:
                return self._change(caller, stores, before, patch, at, "")
            after = moved_on(after, at=at, by=by)
            changed = patched(after, patch, at=at, by=by)
            return self._put(caller, stores, before, replace(changed, revision=after.revision), at)

        return self._measured(caller, self.database.transaction(work))

    def _noted(self, caller: Caller, artifact: Artifact) -> Artifact:
        """Note the point of a run's metric: done again, it is still one."""
        if artifact.run_id is not None and artifact.kind == "metric":
            from core.services.batches import Batches  # which versions need not wait for

            point = point_of(artifact)
            facts = {"key": point.key, "value": point.value, "step": point.step, "at": point.at}
            run = str(artifact.run_id)
            Batches(self.database, self.clock).log(caller, artifact.namespace, run, [facts])
        return artifact

    def _measured(self, caller: Caller, artifact: Artifact) -> Artifact:
        """The artifact, which is stored whatever comes of this second look."""
        with suppress(Stale, Unavailable):
            return measure(self.database, self.clock, caller, artifact)
        return artifact

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
        return self._put(caller, stores, before, after, at, reason)

    def _put(
        self,
        caller: Caller,
        stores: Stores,
        before: Artifact,
        after: Artifact,
        at: datetime,
        reason: str = "",
    ) -> Artifact:
        after = replace(after, state=ArtifactState(after.state or ArtifactState.UNKNOWN))
        after = placed(stores, self.blobs, before, after)
        stores.artifacts.replace(after)
        stores.events.add(
            event_of(caller, "artifact.updated", at=at, before=before, after=after, reason=reason)
        )
        _tell(stores, caller, after)
        return after


def attach(stores: Stores, caller: Caller, artifacts: Iterable[Artifact]) -> None:
    """Insert them, each with its event. Raises `Taken` for a name or external id in use."""
    for artifact in artifacts:
        stores.artifacts.insert(artifact)
        stores.events.add(
            event_of(caller, "artifact.registered", at=artifact.created_at, after=artifact)
        )


def artifact_with_id(stores: Stores, caller: Caller, namespace: str, id: int) -> Artifact:
    """The artifact of this id in the namespace if the caller may read it, or `NotFound`."""
    return readable(stores.artifacts.with_id(namespace, id), caller, namespace, id)


def readable(found: Artifact | None, caller: Caller, namespace: str, id: int) -> Artifact:
    """The artifact if it is there and the caller may read it, else `NotFound`."""
    if found is None or not caller.may(Action.MODEL_READ, namespace, found.model):
        raise NotFound(
            f"There is no artifact with the id {id} in the namespace {namespace!r}.",
            next_step="Check the id, or list the artifacts of its version.",
        )
    return found


def _new(
    caller: Caller, namespace: str, id: int, what: Mapping[str, Any], at: datetime
) -> Artifact:
    by = caller.principal.name
    authored: dict[str, Any] = {
        "created_at": at,
        "created_by": by,
        "updated_at": at,
        "updated_by": by,
    }
    return check_size(
        "What is said of the artifact", Artifact(id=id, namespace=namespace, **authored, **what)
    )


def _of_version(artifact: Artifact, version: ModelVersion) -> Artifact:
    return replace(artifact, model=version.model, number=version.number, version_id=version.id)


def _owned_by_run(namespace: str, run: str, at: datetime) -> Owned:
    return lambda stores, artifact: of_run(artifact, run_of(stores, namespace, run), at)


def _tell(stores: Stores, caller: Caller, artifact: Artifact) -> None:
    """Tell the run of an artifact, if it is one's, what the artifact says. Raises `Invalid`,
    `TooLarge`, and `NotFound` for a run that is out of reach."""
    if artifact.run_id is None or artifact.kind not in _REPLACED:
        return
    run = run_of(stores, artifact.namespace, str(artifact.run_id))
    if artifact.kind == "metric":
        with_points(run, [point_of(artifact)])
        return
    told = {artifact.name: parameter_of(artifact)}
    at, by = artifact.updated_at, caller.principal.name
    after = with_parameters(run, told, at=at, by=by, overwrite=True)
    put(stores, caller, stores.runs, run, after, "parameters-logged")


def _same(stores: Stores, new: Artifact) -> Artifact | None:
    if new.kind not in _REPLACED:
        return None
    return stores.artifacts.named(new.namespace, new.parent, new.kind, new.name)
