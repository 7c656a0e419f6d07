"""Operations on logged models: what runs saved as models, before a version is made of one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from modelry.moments import moment
from modelry.records import Described
from modelry.runs import Runs
from modelry.session import given


@dataclass(frozen=True, repr=False)
class LoggedModel(Described):
    """A model of an experiment, and of the run that made it; `model_id` is its id in hex.

    `metrics` are maps of `key`, `value`, `step` … and the data set that it was measured on.
    """

    id: str = ""
    model_id: str = ""
    namespace: str = ""
    experiment_id: str = ""
    run_id: str | None = None
    name: str = ""
    model_type: str | None = None
    status: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: list[Mapping[str, Any]] = field(default_factory=list)
    purge_at: datetime | None = None

    def _shown(self) -> str:
        return f"{self.model_id} {self.name}, {self.status}"


class LoggedModels(Runs):
    """Logged models are named by their id, decimal or in hex."""

    def logged_models(
        self,
        experiment: str,
        *,
        run: str | None = None,
        filter: str | None = None,
        order_by: str | None = None,
        namespace: str | None = None,
    ) -> Iterator[LoggedModel]:
        """Those of an experiment, oldest first unless ordered, as by `metrics.auc desc`."""
        query = given(run=run, filter=filter, order_by=order_by)
        path = f"{self.experiment_path(experiment, namespace)}/logged-models"
        return map(LoggedModel.read, self.transport.items(path, **query))

    def logged_model(
        self, id: str, *, namespace: str | None = None, as_of: datetime | str | None = None
    ) -> LoggedModel:
        """A logged model. Raises `NotFound`."""
        path = self.logged_model_path(id, namespace)
        return LoggedModel.read(self.transport.get(path, **given(as_of=moment(as_of))).document)

    def create_logged_model(
        self,
        experiment: str,
        name: str | None = None,
        *,
        run: str | None = None,
        model_type: str | None = None,
        status: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
        description: str | None = None,
        namespace: str | None = None,
        idempotency_key: str | None = None,
    ) -> LoggedModel:
        """Log a model; it is `pending` until its `status` is said to be `ready`."""
        body = given(
            name=name,
            run=run,
            model_type=model_type,
            status=status,
            parameters=parameters,
            tags=tags,
            description=description,
        )
        path = f"{self.experiment_path(experiment, namespace)}/logged-models"
        return LoggedModel.read(self.create(path, body, idempotency_key).document)

    def update_logged_model(
        self,
        id: str,
        *,
        etag: str = "*",
        namespace: str | None = None,
        reason: str | None = None,
        **changes: Any,
    ) -> LoggedModel:
        """Change `status`, `name` or other fields by merge patch: None removes."""
        path = self.logged_model_path(id, namespace)
        return LoggedModel.read(self.patch(path, etag, changes, reason))

    def delete_logged_model(
        self, id: str, *, reason: str, namespace: str | None = None
    ) -> LoggedModel:
        """Delete it; until its `purge_at` it can be undeleted."""
        path = self.logged_model_path(id, namespace)
        query = {"reason": reason}
        return LoggedModel.read(self.transport.request("DELETE", path, query=query).document)

    def undelete_logged_model(self, id: str, *, namespace: str | None = None) -> LoggedModel:
        """Bring back what was deleted, before its `purge_at`."""
        path = f"{self.logged_model_path(id, namespace)}/undelete"
        return LoggedModel.read(self.transport.request("POST", path).document)

    def logged_model_path(self, id: str, namespace: str | None) -> str:
        """Where the logged model is."""
        plain = str(id) if str(id).replace("-", "").isalnum() else "0"
        return f"{self.in_namespace(namespace)}/logged-models/{plain}"
