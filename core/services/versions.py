"""Use cases on model versions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from typing import Any

from core.domain.access import Action, Caller
from core.domain.artifacts import declared
from core.domain.common import check_revision, moved_on, patched
from core.domain.deletion import also_kept, check_can_leave
from core.domain.events import SubjectKind, change
from core.domain.files import FileDeclaration, check_manifest
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.retention import Retention, Shown
from core.domain.semantic_versions import semantic_version
from core.domain.subjects import event_of
from core.domain.versions import (
    ModelVersion,
    OnRepeat,
    VersionReference,
    check_number,
)
from core.ports import Clock, Database, Stores
from core.services.attachments import attach
from core.services.claims import created_before, remember
from core.services.drafts import Draft
from core.services.evaluations import check_count, record_evaluation
from core.services.lineage import note_output
from core.services.lookups import model_of, model_with_id, version_of, version_with_id
from core.services.moments import model_at, version_at, versions_at


class Outcome(StrEnum):
    """What registering came to: a new version, the caller's unfinished one, or the ready version
    of the same training."""

    NEW = "new"
    RESUMED = "resumed"
    EXISTING = "existing"


@dataclass(frozen=True, slots=True)
class Registration:
    """A version, and how registering came to it."""

    version: ModelVersion
    outcome: Outcome

    @property
    def is_new(self) -> bool:
        """Whether this call created the version."""
        return self.outcome is Outcome.NEW


@dataclass(frozen=True, slots=True)
class Versions:
    """Register, read and describe versions."""

    database: Database
    clock: Clock
    upload_ttl_seconds: int
    max_files: int
    max_file_bytes: int

    def register(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        described: Mapping[str, Any],
        files: Sequence[FileDeclaration] = (),
        *,
        version: str | None = None,
        name: str | None = None,
        number: int | None = None,
        on_repeat: OnRepeat = OnRepeat.SAME,
        evaluations: Sequence[Mapping[str, Any]] = (),
    ) -> Registration:
        """Give the model its next version and declare its files.

        `described` holds the fields every object has and those of a build. A version without
        files is ready at once; else it is pending until the store has them all.

        The ready version of the same training is returned if there is one, unless `on_repeat`
        asks for a new one; and the caller's pending version with exactly this content, so that
        an interrupted push is resumed. The semantic version is `version`, else it follows from
        what changed; `name` is what people call it, unique in the model; `number` that which it
        bears elsewhere, higher than any so far. Reports that
        come along as `evaluations` are kept with it, or with the version that is there, in the same
        transaction. Raises `NotFound`,
        `Invalid`, `TooLarge`, `Forbidden`, and `Conflict` for a given version that is taken or
        too low for what changed, a name that is taken, and a report of other files.
        """
        caller.require(Action.VERSION_REGISTER, namespace, model=model)
        if evaluations:
            caller.require(Action.EVALUATION_REGISTER, namespace, model=model)
            check_count(evaluations)
        check_manifest(files, max_files=self.max_files, max_file_bytes=self.max_file_bytes)
        at, ttl = self.clock.now(), self.upload_ttl_seconds
        draft = Draft(caller, namespace, model, described, files, at, ttl, version, name, number)
        is_plain = not evaluations and draft.build.run_id is None
        if is_plain and (found := _found(self.database, caller, draft, on_repeat)):
            return found
        version_id = self.database.next_id("version")
        listed = len(draft.build.artifacts)
        artifact_id = self.database.next_id("artifact", listed) if listed else 0

        def work(stores: Stores) -> Registration:
            done = _found(stores, caller, draft, on_repeat)  # another call was faster
            done = done or self._add(stores, caller, draft, version_id, artifact_id)
            note_output(stores, caller, draft.build.run_id, done.version)
            for report in evaluations:
                record_evaluation(stores, caller, done.version, report, draft.at)
            return done

        return self.database.transaction(work)

    def _add(
        self, stores: Stores, caller: Caller, draft: Draft, version_id: int, artifact_id: int
    ) -> Registration:
        before = model_of(stores, draft.build.namespace, draft.build.model)
        version = draft.placed(stores, before, version_id)
        after = moved_on(before, at=draft.at, by=draft.by, last_version=version.number)
        stores.models.replace(after)
        stores.versions.insert(version)
        stores.files.insert(draft.files_of(version))
        attach(stores, caller, declared(version, artifact_id))
        stores.events.add(
            event_of(caller, "model.version-registered", at=draft.at, before=before, after=after)
        )
        stores.events.add(
            change(
                caller,
                "version.registered",
                SubjectKind.VERSION,
                f"{version.namespace}/{version.model}/{version.number}",
                at=draft.at,
                namespace=version.namespace,
                after=version,
            )
        )
        remember(stores, caller, version, draft.at)
        return Registration(version, Outcome.NEW)

    def get(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        *,
        as_of: datetime | None = None,
    ) -> ModelVersion:
        """Resolve a reference, now or as it was at a moment. Raises `NotFound`, `Invalid`."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        return self._version(namespace, model, reference, as_of)

    def with_id(self, caller: Caller, namespace: str, id: int) -> ModelVersion:
        """The version of this decimal id; one query. Raises `NotFound`."""
        caller.require(Action.NAMESPACE_SEE, namespace)
        return version_with_id(self.database, caller, namespace, id)

    def named(
        self, caller: Caller, namespace: str, model_id: int, name: str
    ) -> ModelVersion | None:
        """The version of the model of this id that is called so, if one within reach is; one that
        has no name goes by its semantic version. A point read for each of the three. Raises
        `NotFound` for the model."""
        caller.require(Action.NAMESPACE_SEE, namespace)
        model = model_with_id(self.database, caller, namespace, model_id)
        found = self.database.versions.named(namespace, model.name, name)
        if found is None and (version := semantic_version(name)) is not None:
            found = self.database.versions.bearing(namespace, model.name, version)
            found = None if found is None or found.name is not None else found
        return found if found is not None and Shown.READABLE.holds(found.retention) else None

    def page(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        request: PageRequest,
        *,
        shown: Shown = Shown.LISTED,
        as_of: datetime | None = None,
    ) -> Page[ModelVersion]:
        """The versions of a model, newest first; archived ones too if `shown` says so."""
        caller.require(Action.MODEL_READ, namespace, model=model)
        query = ("versions", namespace, model, shown.value, str(as_of or ""))
        before = request.after_number(*query)
        limit = request.size + 1
        rows: Sequence[ModelVersion]
        if as_of is None:
            rows = self.database.versions.page(
                namespace, model, before=before, limit=limit, shown=shown
            )
            if not rows and before is None:
                model_of(self.database, namespace, model)
        else:
            check_moment(as_of, self.clock.now())
            owner = model_at(self.database, namespace, model, as_of)
            found = versions_at(self.database, owner, as_of, before=before, shown=shown)
            rows = list(islice(found, limit))
        return request.page(rows, lambda version: version.number, *query)

    def update(
        self,
        caller: Caller,
        namespace: str,
        model: str,
        reference: VersionReference,
        patch: Mapping[str, Any],
        *,
        expected_revision: int | None,
        expected_number: int | None = None,
        kept: Retention | None = None,
        reason: str = "",
    ) -> ModelVersion:
        """Merge-patch what describes it; the build itself never changes. Archive or restore it in
        the same step if `kept` says so.

        `expected_number`: only if the reference still leads to the version of that number.

        Raises `NotFound`, `Stale`, `Invalid`, `Forbidden`, and `Conflict` for a version that
        cannot be archived.
        """
        caller.require(Action.VERSION_UPDATE, namespace, model=model)
        if kept is not None:
            caller.require(Action.VERSION_ARCHIVE, namespace, model=model)
        at, by = self.clock.now(), caller.principal.name

        def work(stores: Stores) -> ModelVersion:
            before = version_of(stores, namespace, model, reference)
            check_number(before, expected_number)
            check_revision(f"Version {before.number} of {model!r}", before, expected_revision)
            after = patched(before, patch, at=at, by=by)
            after = also_kept(before, after, kept, at=at, by=by)
            if after.retention is not before.retention and kept is not Retention.ACTIVE:
                check_can_leave(before)
            if after is not before:
                stores.versions.replace(after)
                stores.events.add(
                    change(
                        caller,
                        "version.updated",
                        SubjectKind.VERSION,
                        f"{namespace}/{model}/{before.number}",
                        at=at,
                        namespace=namespace,
                        before=before,
                        after=after,
                        reason=reason,
                    )
                )
            return after

        return self.database.transaction(work)

    def _version(
        self, namespace: str, model: str, reference: VersionReference, at: datetime | None
    ) -> ModelVersion:
        check_moment(at, self.clock.now())
        if at is None:
            return version_of(self.database, namespace, model, reference)
        return version_at(self.database, namespace, model, reference, at)


def _found(
    stores: Stores, caller: Caller, draft: Draft, on_repeat: OnRepeat
) -> Registration | None:
    """The version that is there already, if the caller may be answered with one."""
    if before := created_before(stores, caller, ModelVersion, draft.at):
        return Registration(before, Outcome.NEW)
    if on_repeat is OnRepeat.SAME and (existing := draft.existing(stores)):
        return Registration(existing, Outcome.EXISTING)
    if unfinished := draft.unfinished(stores):
        return Registration(unfinished, Outcome.RESUMED)
    return None
