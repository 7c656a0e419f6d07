"""Use cases on logged models: what runs saved as models, to be looked at, measured, registered."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.domain.access import Action, Caller
from core.domain.common import patched
from core.domain.events import SubjectKind
from core.domain.logged_models import (
    LoggedModel,
    LoggedModelStatus,
    parse_logged_status,
)
from core.domain.moments import check_moment
from core.domain.parameters import check_parameters, with_parameters
from core.domain.subjects import numbered_subject
from core.ports import Numbered, Stores
from core.services.edits import authored, create
from core.services.keeping import Deletable
from core.services.lookups import experiment_of, logged_model_of, run_of
from core.services.moments import entity_at


@dataclass(frozen=True, slots=True)
class LoggedModels(Deletable[LoggedModel]):
    """Log, read, describe and delete models that no version was made of yet. They are named by
    their id: 7, or `m-` and that in 32 digits in hex."""

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
        run: str | None = None,
        model_type: str | None = None,
        status: str = LoggedModelStatus.PENDING,
        parameters: Mapping[str, Any] | None = None,
    ) -> LoggedModel:
        """Log a model in an experiment, as the work of a run if one is named; it is `pending`
        until somebody says that its files are there. Raises `Invalid`, `NotFound`, `Forbidden`."""
        caller.require(Action.RUN_LOG, namespace)
        at, number = self.clock.now(), self.database.next_id("logged-model")
        ready = parse_logged_status(status)
        check_parameters(parameters or {})

        def build(stores: Stores) -> LoggedModel:
            return LoggedModel(
                id=number,
                namespace=namespace,
                experiment_id=experiment_of(stores, namespace, experiment).id,
                name=f"model-{number}" if name is None else name,
                run_id=None if run is None else run_of(stores, namespace, run).id,
                model_type=model_type,
                status=ready,
                parameters=parameters or {},
                **authored(at, caller.principal.name),
                **described,
            )

        return create(
            self.database, caller, LoggedModel, build, lambda stores: stores.logged_models, at
        )

    def get(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        *,
        as_of: datetime | None = None,
        even_deleted: bool = False,
    ) -> LoggedModel:
        """The logged model; or what it was at a moment, with what was measured as of its last
        event before that. Raises `NotFound`, `Invalid`."""
        caller.require(Action.EXPERIMENT_READ, namespace)
        found = logged_model_of(
            self.database, namespace, reference, even_deleted=even_deleted or as_of is not None
        )
        if as_of is None:
            return found
        check_moment(as_of, self.clock.now())
        subject = numbered_subject(SubjectKind.LOGGED_MODEL, namespace, found.id)
        return entity_at(self.database, subject, found, as_of)

    def update(
        self,
        caller: Caller,
        namespace: str,
        reference: str,
        patch: Mapping[str, Any],
        *,
        expected_revision: int | None = None,
        reason: str = "",
    ) -> LoggedModel:
        """Merge-patch its name, type, status and what describes it.

        Raises `NotFound`, `Stale`, `Invalid`, `Forbidden`.
        """
        caller.require(Action.RUN_LOG, namespace)
        at, by = self.clock.now(), caller.principal.name
        changes = dict(patch)
        if "status" in changes:
            changes["status"] = parse_logged_status(changes["status"])

        def change(stores: Stores, before: LoggedModel) -> LoggedModel:
            return patched(before, changes, at=at, by=by)

        return self._amend(
            caller, namespace, reference, change, "updated", expected_revision, reason
        )

    def log_parameters(
        self, caller: Caller, namespace: str, reference: str, parameters: Mapping[str, Any]
    ) -> LoggedModel:
        """Note parameters; each is written once, and again only as it is.

        Raises `Conflict` naming those that have another value; `NotFound`, `Invalid`, `TooLarge`,
        `Forbidden`.
        """
        caller.require(Action.RUN_LOG, namespace)
        at, by = self.clock.now(), caller.principal.name

        def change(stores: Stores, before: LoggedModel) -> LoggedModel:
            return with_parameters(before, parameters, at=at, by=by)

        return self._amend(caller, namespace, reference, change, "parameters-logged")

    def _found(
        self, stores: Stores, namespace: str, reference: str, *, even_deleted: bool = False
    ) -> LoggedModel:
        return logged_model_of(stores, namespace, reference, even_deleted=even_deleted)

    def _store(self, stores: Stores) -> Numbered[LoggedModel]:
        return stores.logged_models
