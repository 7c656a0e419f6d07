"""Operations on experiments: what runs belong to."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from modelry.moments import moment
from modelry.records import Described
from modelry.session import Session, given


@dataclass(frozen=True, repr=False)
class Experiment(Described):
    """What runs belong to."""

    id: str = ""
    namespace: str = ""
    name: str = ""
    artifact_location: str | None = None
    purge_at: datetime | None = None

    def _shown(self) -> str:
        return f"{self.namespace}/{self.name}"


class Experiments(Session):
    """Experiments are named by name or id."""

    def experiments(
        self,
        *,
        archived: bool = False,
        filter: str | None = None,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[Experiment]:
        """The experiments of a namespace, oldest first."""
        path = f"{self.in_namespace(namespace)}/experiments"
        query = {
            "include": "archived" if archived else None,
            "filter": filter,
            "as_of": moment(as_of),
        }
        return map(Experiment.read, self.transport.items(path, **query))

    def experiment(
        self, name: str, *, namespace: str | None = None, as_of: datetime | str | None = None
    ) -> Experiment:
        """An experiment. Raises `NotFound`."""
        path = self.experiment_path(name, namespace)
        return Experiment.read(self.transport.get(path, **given(as_of=moment(as_of))).document)

    def create_experiment(
        self,
        name: str,
        *,
        namespace: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        custom_properties: Mapping[str, Any] | None = None,
        external_id: str | None = None,
        owner: str | None = None,
        artifact_location: str | None = None,
        idempotency_key: str | None = None,
    ) -> Experiment:
        """Create an experiment. Raises `Conflict` if the name is in use."""
        body = given(
            name=name,
            description=description,
            tags=tags,
            metadata=metadata,
            custom_properties=custom_properties,
            external_id=external_id,
            owner=owner,
            artifact_location=artifact_location,
        )
        path = f"{self.in_namespace(namespace)}/experiments"
        return Experiment.read(self.create(path, body, idempotency_key).document)

    def update_experiment(
        self,
        name: str,
        *,
        etag: str = "*",
        namespace: str | None = None,
        reason: str | None = None,
        **changes: Any,
    ) -> Experiment:
        """Rename it or change fields by merge patch: None removes."""
        path = self.experiment_path(name, namespace)
        return Experiment.read(self.patch(path, etag, changes, reason))

    def archive_experiment(
        self, name: str, *, namespace: str | None = None, reason: str | None = None
    ) -> Experiment:
        """Leave it out of lists."""
        return self._keep_experiment("POST", name, "/archive", namespace, reason)

    def delete_experiment(
        self, name: str, *, reason: str, namespace: str | None = None
    ) -> Experiment:
        """Delete it with its runs; until its `purge_at` it can be restored."""
        return self._keep_experiment("DELETE", name, "", namespace, reason)

    def restore_experiment(
        self, name: str, *, namespace: str | None = None, reason: str | None = None
    ) -> Experiment:
        """Bring back what was archived."""
        return self._keep_experiment("POST", name, "/restore", namespace, reason)

    def undelete_experiment(
        self, id: str, *, namespace: str | None = None, reason: str | None = None
    ) -> Experiment:
        """Bring back what was deleted, with its runs, before its `purge_at`."""
        return self._keep_experiment("POST", id, "/undelete", namespace, reason)

    def experiment_path(self, name: str, namespace: str | None) -> str:
        """Where it is. A name that no path can hold is looked up first."""
        whole = f"{self.in_namespace(namespace)}/experiments"
        if "/" in name:
            found = next(self.transport.items(whole, name=name, include="archived"), None)
            name = str(found["id"]) if found else name.replace("/", "")
        return f"{whole}/{quote(name, safe='')}"

    def _keep_experiment(
        self, method: str, name: str, verb: str, namespace: str | None, reason: str | None
    ) -> Experiment:
        path = f"{self.experiment_path(name, namespace)}{verb}"
        return Experiment.read(
            self.transport.request(method, path, query={"reason": reason}).document
        )
