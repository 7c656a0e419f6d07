"""Use cases on experiments: what runs belong to."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.common import patched
from core.domain.deletion import also_kept
from core.domain.events import SubjectKind
from core.domain.experiments import DEFAULT, Experiment
from core.domain.moments import check_moment
from core.domain.pages import Page, PageRequest
from core.domain.retention import Retention, Shown
from core.domain.subjects import numbered_subject
from core.errors import NotFound, Taken
from core.ports import Numbered, Stores
from core.services.edits import authored, create
from core.services.keeping import Archivable
from core.services.lookups import experiment_of, namespace_of
from core.services.moments import entity_at, numbered_page_at


@dataclass(frozen=True, slots=True)
class Experiments(Archivable[Experiment]):
    """Create, read, describe and delete experiments. They are named by id or by name.

    The runs and logged models of a deleted one are out of reach with it.
    """

    CHANGE = Action.EXPERIMENT_CHANGE
    DELETE = Action.EXPERIMENT_DELETE

    def create(
        self,
        caller: Caller,
        namespace: str,
        name: str,
        described: Mapping[str, Any],
        *,
        artifact_location: str | None = None,
    ) -> Experiment:
        """Create one under a name that is free in the namespace; one that is deleted keeps its
        name. Raises `Taken`, `Invalid`, `NotFound`, `Forbidden`."""
        caller.require(Action.EXPERIMENT_CHANGE, namespace)
        at = self.clock.now()
        experiment = Experiment(
            id=self.database.next_id("experiment"),
            namespace=namespace,
            name=name,
            artifact_location=artifact_location,
            **authored(at, caller.principal.name),
            **described,
        )

        def build(stores: Stores) -> Experiment:
            namespace_of(stores, namespace)
            _check_free(stores, experiment)
            return experiment

        return create(
            self.database, caller, Experiment, build, lambda stores: stores.experiments, at
        )

    def get(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        *,
        as_of: datetime | None = None,
        even_deleted: bool = False,
    ) -> Experiment:
        """The experiment, or what it was at a moment. Raises `NotFound`, `Invalid`."""
        caller.require(Action.EXPERIMENT_READ, namespace)
        found = experiment_of(
            self.database, namespace, reference, even_deleted=even_deleted or as_of is not None
        )
        if as_of is None:
            return found
        check_moment(as_of, self.clock.now())
        subject = numbered_subject(SubjectKind.EXPERIMENT, namespace, found.id)
        return entity_at(self.database, subject, found, as_of)

    def named(self, caller: Caller, namespace: str, name: str) -> Experiment:
        """The experiment of this very name, deleted or not. Raises `NotFound`, `Forbidden`."""
        caller.require(Action.EXPERIMENT_READ, namespace)
        found = self.database.experiments.named(namespace, name)
        if found is None:
            namespace_of(self.database, namespace)
            raise NotFound(
                f"There is no experiment {name[:200]!a} in the namespace {namespace!r}.",
                next_step="List the experiments to see which there are, or create it first.",
            )
        return found

    def default(self, caller: Caller, namespace: str) -> Experiment:
        """The experiment `Default`, deleted or not; made now if there is none and the caller may
        make it. Raises `NotFound`, `Forbidden`."""
        caller.require(Action.EXPERIMENT_READ, namespace)
        found = self.database.experiments.named(namespace, DEFAULT)
        if found is None and caller.may(Action.EXPERIMENT_CHANGE, namespace):
            try:  # as a step on its own: the key of a creation is that of what is to lie in it
                return self.create(replace(caller, attempt=None), namespace, DEFAULT, {})
            except Taken:
                pass
        return found or experiment_of(self.database, namespace, DEFAULT, even_deleted=True)

    def page_at(
        self,
        caller: Caller,
        namespace: str,
        request: PageRequest,
        at: datetime,
        *,
        shown: Shown = Shown.LISTED,
    ) -> Page[Experiment]:
        """The experiments that there were at a moment, as they were then, oldest first.

        Those of now are found by searching. Raises `NotFound`, `Invalid`.
        """
        caller.require(Action.EXPERIMENT_READ, namespace)
        check_moment(at, self.clock.now())
        return numbered_page_at(
            self.database,
            self.database.experiments,
            namespace,
            None,
            request,
            at,
            keep=lambda experiment: shown.holds(experiment.state),
        )

    def update(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        patch: Mapping[str, Any],
        *,
        expected_revision: int | None,
        kept: Retention | None = None,
        reason: str = "",
    ) -> Experiment:
        """Merge-patch its name and what describes it; archive or restore it in the same step if
        `kept` says so. Raises `NotFound`, `Stale`, `Invalid`, `Taken`, `Forbidden`."""
        caller.require(Action.EXPERIMENT_CHANGE, namespace)
        at, by = self.clock.now(), caller.principal.name

        def change(stores: Stores, before: Experiment) -> Experiment:
            after = patched(before, patch, at=at, by=by)
            if "name" in patch and after is not before:
                _check_free(stores, after)
            return also_kept(before, after, kept, at=at, by=by)

        return self._amend(
            caller, namespace, reference, change, "updated", expected_revision, reason
        )

    def _found(
        self, stores: Stores, namespace: str, reference: str, *, even_deleted: bool = False
    ) -> Experiment:
        return experiment_of(stores, namespace, reference, even_deleted=even_deleted)

    def _store(self, stores: Stores) -> Numbered[Experiment]:
        return stores.experiments

    def _move(self, stores: Stores, kept: Experiment, *, out: bool) -> None:
        if out:
            stores.runs.withdraw(kept.id)
            stores.logged_models.withdraw(kept.id)
            stores.artifacts.withdraw_runs(kept.id)
        else:
            stores.runs.readmit(kept.id)
            stores.logged_models.readmit(kept.id)
            stores.artifacts.readmit_runs(kept.id)


def _check_free(stores: Stores, experiment: Experiment) -> None:
    other = stores.experiments.named(experiment.namespace, experiment.name)
    if other is not None and other.id != experiment.id:
        raise Taken(
            f"There is an experiment {other.name!r} in the namespace {other.namespace!r} already"
            + (f"; it is {other.state}." if other.state is not Retention.ACTIVE else "."),
            next_step="Use it, or choose another name.",
        )
