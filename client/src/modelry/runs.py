"""Operations on runs: one try each, its parameters, what went in and what came out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from modelry.experiments import Experiments
from modelry.moments import moment
from modelry.records import Change, Described, Record
from modelry.searches import Found
from modelry.session import given


@dataclass(frozen=True, repr=False)
class Run(Described):
    """One try, with the latest of each metric; NaN and infinity are text.

    `state` is how it is kept, `status` how far it is.
    """

    id: str = ""
    namespace: str = ""
    experiment_id: str = ""
    name: str = ""
    status: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    parent_id: str | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, float | str] = field(default_factory=dict)
    latest: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    inputs: list[Mapping[str, Any]] = field(default_factory=list)
    outputs: list[Mapping[str, Any]] = field(default_factory=list)
    purge_at: datetime | None = None

    def _shown(self) -> str:
        return f"{self.id} {self.name}, {self.status}"


@dataclass(frozen=True, repr=False)
class RunFile(Record):
    """A file that a run keeps, with its size, or a folder of them."""

    path: str = ""
    is_folder: bool = False
    size_bytes: int | None = None

    def _shown(self) -> str:
        return f"{self.path}/" if self.is_folder else f"{self.path}, {self.size_bytes} bytes"


class Runs(Experiments):
    """Runs are named by their id."""

    def runs(
        self,
        experiment: str,
        *,
        filter: str | None = None,
        order_by: str | None = None,
        parent: str | None = None,
        archived: bool = False,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Iterator[Run]:
        """The runs of an experiment, oldest first unless ordered, as by `metrics.auc desc`."""
        query = {
            "filter": filter,
            "order_by": order_by,
            "parent": parent,
            "include": "archived" if archived else None,
            "as_of": moment(as_of),
        }
        path = f"{self.experiment_path(experiment, namespace)}/runs"
        return map(Run.read, self.transport.items(path, **query))

    def search_runs(
        self,
        words: str | None = None,
        *,
        filter: str | None = None,
        order_by: str | None = None,
        page_size: int = 100,
    ) -> Found[Run]:
        """Runs of all experiments that you may read, newest first unless ordered otherwise."""
        query = {"q": words, "filter": filter, "order_by": order_by, "page_size": page_size}
        return Found(self.transport, "/search/runs", query, Run.read)

    def run(
        self, id: str, *, namespace: str | None = None, as_of: datetime | str | None = None
    ) -> Run:
        """A run; with `as_of`, with the metrics of its last event before that. Raises
        `NotFound`."""
        path = self.run_path(id, namespace)
        return Run.read(self.transport.get(path, **given(as_of=moment(as_of))).document)

    def create_run(
        self,
        experiment: str,
        name: str | None = None,
        *,
        parameters: Mapping[str, Any] | None = None,
        parent: str | None = None,
        status: str | None = None,
        unique_name: bool = False,
        started_at: datetime | str | None = None,
        inputs: Sequence[Mapping[str, Any]] | None = None,
        namespace: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        custom_properties: Mapping[str, Any] | None = None,
        external_id: str | None = None,
        owner: str | None = None,
        idempotency_key: str | None = None,
    ) -> Run:
        """Start a run; see `start_run` for one that ends by itself. Raises `NotFound`."""
        body = given(
            name=name,
            parameters=parameters,
            parent=parent,
            status=status,
            unique_name=unique_name or None,
            started_at=moment(started_at),
            inputs=inputs,
            description=description,
            tags=tags,
            metadata=metadata,
            custom_properties=custom_properties,
            external_id=external_id,
            owner=owner,
        )
        path = f"{self.experiment_path(experiment, namespace)}/runs"
        return Run.read(self.create(path, body, idempotency_key).document)

    def update_run(
        self,
        id: str,
        *,
        etag: str = "*",
        namespace: str | None = None,
        reason: str | None = None,
        **changes: Any,
    ) -> Run:
        """Change `status`, `name` or other fields by merge patch: None removes."""
        return Run.read(self.patch(self.run_path(id, namespace), etag, changes, reason))

    def log_parameters(
        self,
        id: str,
        parameters: Mapping[str, Any],
        *,
        overwrite: bool = False,
        namespace: str | None = None,
    ) -> Run:
        """Note parameters, which are written once. Raises `Conflict` naming those that have
        another value already."""
        body = {"parameters": dict(parameters), "overwrite": overwrite}
        return self._post_run(id, "parameters", body, namespace)

    def link_run(
        self,
        id: str,
        *,
        inputs: Sequence[Mapping[str, Any]] = (),
        outputs: Sequence[Mapping[str, Any]] = (),
        namespace: str | None = None,
    ) -> Run:
        """Note what went in, such as `{"kind": "dataset", "name": …, "digest": …}`, and what came
        out, such as `{"kind": "version", "model": …, "number": 3}`."""
        body = {"inputs": list(inputs), "outputs": list(outputs)}
        return self._post_run(id, "links", body, namespace)

    def archive_run(
        self, id: str, *, namespace: str | None = None, reason: str | None = None
    ) -> Run:
        """Leave it out of lists."""
        return self._keep_run("POST", id, "/archive", namespace, reason)

    def delete_run(self, id: str, *, reason: str, namespace: str | None = None) -> Run:
        """Delete it; until its `purge_at` it can be undeleted."""
        return self._keep_run("DELETE", id, "", namespace, reason)

    def restore_run(
        self, id: str, *, namespace: str | None = None, reason: str | None = None
    ) -> Run:
        """Bring back what was archived."""
        return self._keep_run("POST", id, "/restore", namespace, reason)

    def undelete_run(
        self, id: str, *, namespace: str | None = None, reason: str | None = None
    ) -> Run:
        """Bring back what was deleted, before its `purge_at`."""
        return self._keep_run("POST", id, "/undelete", namespace, reason)

    def best_runs(
        self,
        experiment: str,
        metric: str,
        *,
        direction: str | None = None,
        count: int = 1,
        namespace: str | None = None,
    ) -> list[Run]:
        """The runs with the best latest value of a metric, the best first; `direction` (`higher`,
        `lower`) where the metric's name does not say what is good."""
        path = f"{self.experiment_path(experiment, namespace)}/best"
        query = given(metric=metric, direction=direction, count=count)
        return [Run.read(each) for each in self.transport.get(path, **query).document["items"]]

    def compare_runs(
        self, *ids: str, everything: bool = False, namespace: str | None = None
    ) -> Mapping[str, Any]:
        """Runs side by side: `runs`, and the `rows` in which they differ (or all)."""
        path = f"{self.in_namespace(namespace)}/compare-runs"
        query = given(run=list(ids), all="true" if everything else None)
        found: Mapping[str, Any] = self.transport.get(path, **query).document
        return found

    def run_history(self, id: str, *, namespace: str | None = None) -> Iterator[Change]:
        """What happened to a run, newest first, field by field; metrics move without events."""
        return map(Change.read, self.transport.items(f"{self.run_path(id, namespace)}/history"))

    def run_files(
        self, id: str, folder: str = "", *, namespace: str | None = None
    ) -> Iterator[RunFile]:
        """What a run keeps in one folder: its files, and the folders in it."""
        path = f"{self.run_path(id, namespace)}/files"
        return map(RunFile.read, self.transport.items(path, folder=folder or None))

    def run_path(self, id: str, namespace: str | None) -> str:
        """Where the run is."""
        number = str(id) if str(id).isdigit() else "0"
        return f"{self.in_namespace(namespace)}/runs/{number}"

    def _post_run(self, id: str, what: str, body: Mapping[str, Any], namespace: str | None) -> Run:
        path = f"{self.run_path(id, namespace)}/{what}"
        return Run.read(self.transport.request("POST", path, body=body, idempotent=True).document)

    def _keep_run(
        self, method: str, id: str, verb: str, namespace: str | None, reason: str | None
    ) -> Run:
        path = f"{self.run_path(id, namespace)}{verb}"
        return Run.read(self.transport.request(method, path, query={"reason": reason}).document)
