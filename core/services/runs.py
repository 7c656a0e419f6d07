"""Use cases on runs: one try each, its parameters, what went in and what came out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.common import moved_on, patched
from core.domain.deletion import also_kept
from core.domain.events import SubjectKind
from core.domain.fields import bound
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.parameters import with_parameters
from core.domain.retention import Retention, Shown
from core.domain.runs import (
    ENDED,
    RUN_FIELDS,
    Run,
    RunStatus,
    check_new_run,
    linked,
    parse_status,
)
from core.domain.search import Tree
from core.domain.subjects import numbered_subject
from core.errors import Taken
from core.ports import Numbered, Stores
from core.services.edits import authored, create
from core.services.keeping import Archivable
from core.services.lookups import experiment_of, run_of
from core.services.moments import entity_at, numbered_page_at

TIMES = frozenset({"started_at", "ended_at"})


@dataclass(frozen=True, slots=True)
class Runs(Archivable[Run]):
    """Start, read, describe, end and delete runs. They are named by their id."""

    CHANGE = Action.RUN_LOG
    DELETE = Action.RUN_DELETE

    def create(
        self,
        caller: Caller,
        namespace: str,
        experiment: str,
        described: Mapping[str, Any],
        *,
        name: str | None = None,
        unique_name: bool = False,
        status: str = RunStatus.RUNNING,
        parent: str | None = None,
        started_at: datetime | None = None,
        ended_at: datetime | None = None,
        parameters: Mapping[str, Any] | None = None,
        inputs: Sequence[Mapping[str, Any]] = (),
        outputs: Sequence[Mapping[str, Any]] = (),
    ) -> Run:
        """Start a run of an experiment, under `parent` if it is a part of another run.

        With `unique_name` the name must be free in the experiment. Raises `Taken`, `Invalid`,
        `NotFound`, `Forbidden`.
        """
        caller.require(Action.RUN_LOG, namespace)
        at, number = self.clock.now(), self.database.next_id("run")
        name = f"run-{number}" if name is None else name
        running = parse_status(status)
        if started_at is None and running is not RunStatus.SCHEDULED:
            started_at = at if ended_at is None else min(at, ended_at)

        def build(stores: Stores) -> Run:
            owner = experiment_of(stores, namespace, experiment)
            if unique_name and stores.runs.named(namespace, owner.id, name) is not None:
                raise Taken(
                    f"The experiment {owner.name!r} has a run {name!r} already.",
                    next_step="Choose another name, or do not ask for one of its own.",
                )
            run = Run(
                id=number,
                namespace=namespace,
                experiment_id=owner.id,
                name=name,
                has_unique_name=unique_name,
                status=running,
                parent_id=None if parent is None else run_of(stores, namespace, parent).id,
                started_at=started_at,
                ended_at=ended_at,
                parameters=parameters or {},
                inputs=tuple(inputs),
                outputs=tuple(outputs),
                **authored(at, caller.principal.name),
                **described,
            )
            return check_new_run(run)

        return create(self.database, caller, Run, build, lambda stores: stores.runs, at)

    def get(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        *,
        as_of: datetime | None = None,
        even_deleted: bool = False,
    ) -> Run:
        """The run; or what it was at a moment, with its metrics as of its last event before that.

        Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.EXPERIMENT_READ, namespace)
        found = run_of(
            self.database, namespace, reference, even_deleted=even_deleted or as_of is not None
        )
        if as_of is None:
            return found
        check_moment(as_of, self.clock.now())
        subject = numbered_subject(SubjectKind.RUN, namespace, found.id)
        return entity_at(self.database, subject, found, as_of)

    def page_at(
        self,
        caller: Caller,
        namespace: str,
        request: PageRequest,
        at: datetime,
        *,
        among: Tree | None = None,
        shown: Shown = Shown.LISTED,
    ) -> Page[Run]:
        """The runs that there were at a moment, as they were then, oldest first; `among` those of
        an experiment or a parent. Those of now are found by searching.

        Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.EXPERIMENT_READ, namespace)
        check_moment(at, self.clock.now())
        return numbered_page_at(
            self.database,
            self.database.runs,
            namespace,
            None if among is None else bound(among, RUN_FIELDS),
            request,
            at,
            keep=lambda run: shown.holds(run.state),
        )

    def update(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        patch: Mapping[str, Any],
        *,
        expected_revision: int | None = None,
        kept: Retention | None = None,
        reason: str = "",
    ) -> Run:
        """Merge-patch its name, status, times and what describes it, archive or restore it; one
        that ends without a time ends now. Raises `NotFound`, `Stale`, `Invalid`, `Forbidden`."""
        caller.require(Action.RUN_LOG, namespace)
        at, by = self.clock.now(), caller.principal.name
        times = {name: patch[name] for name in TIMES & patch.keys()}
        rest = {name: value for name, value in patch.items() if name not in TIMES}
        if "status" in rest:
            rest["status"] = parse_status(rest["status"])

        def change(stores: Stores, before: Run) -> Run:
            after = patched(before, rest, at=at, by=by)
            after = also_kept(before, after, kept, at=at, by=by)
            new = dict(times)
            if after.status in ENDED and after.ended_at is None and new.get("ended_at") is None:
                new["ended_at"] = max(at, after.started_at or at)
            new = {name: value for name, value in new.items() if getattr(after, name) != value}
            if after is before:
                return moved_on(before, at=at, by=by, **new) if new else before
            return replace(after, **new)

        return self._amend(
            caller, namespace, reference, change, "updated", expected_revision, reason
        )

    def log_parameters(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        parameters: Mapping[str, Any],
        *,
        overwrite: bool = False,
    ) -> Run:
        """Note parameters; each is written once, and again only as it is.

        Raises `Conflict` naming those that have another value, unless they may be overwritten;
        `NotFound`, `Invalid`, `TooLarge`, `Forbidden`.
        """
        caller.require(Action.RUN_LOG, namespace)
        at, by = self.clock.now(), caller.principal.name

        def change(stores: Stores, before: Run) -> Run:
            return with_parameters(before, parameters, at=at, by=by, overwrite=overwrite)

        return self._amend(caller, namespace, reference, change, "parameters-logged")

    def link(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        *,
        inputs: Sequence[Mapping[str, Any]] = (),
        outputs: Sequence[Mapping[str, Any]] = (),
    ) -> Run:
        """Note what went in or came out; what is there already is no second.

        Raises `NotFound`, `Invalid`, `Forbidden`.
        """
        caller.require(Action.RUN_LOG, namespace)
        at, by = self.clock.now(), caller.principal.name

        def change(stores: Stores, before: Run) -> Run:
            after = linked(before, "inputs", inputs, at=at, by=by)
            both = linked(after, "outputs", outputs, at=at, by=by)
            return both if both is before else replace(both, revision=before.revision + 1)

        return self._amend(caller, namespace, reference, change, "linked")

    def _found(
        self, stores: Stores, namespace: str, reference: str, *, even_deleted: bool = False
    ) -> Run:
        return run_of(stores, namespace, reference, even_deleted=even_deleted)

    def _store(self, stores: Stores) -> Numbered[Run]:
        return stores.runs

    def _move(self, stores: Stores, kept: Run, *, out: bool) -> None:
        artifacts = stores.artifacts
        (artifacts.withdraw_runs if out else artifacts.readmit_runs)(kept.experiment_id, kept.id)
