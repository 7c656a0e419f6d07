"""An MLflow tracking server, read by the REST API that its clients use."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from modelry.errors import Invalid
from modelry.moments import moment
from modelry.network import Network
from modelry.origins import Kept, OriginModel, OriginRun, OriginVersion
from modelry.origins.reading import Reading
from modelry.retries import RetryPolicy
from modelry.sources import STORES, Source, SourceFile, open_source

API = "/api/2.0/mlflow"
PROXY = "/api/2.0/mlflow-artifacts/artifacts"
_PAGE, _POINTS = 200, 10_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS = {"RUNNING": "running", "SCHEDULED": "scheduled", "FINISHED": "finished"}
_STATUS |= {"FAILED": "failed", "KILLED": "killed"}
_PARENT = "mlflow.parentRunId"


@dataclass(frozen=True, slots=True)
class MlflowOrigin:
    """See `modelry.origins.Origin`. `MLFLOW_TRACKING_TOKEN`, or `MLFLOW_TRACKING_USERNAME` and
    `MLFLOW_TRACKING_PASSWORD`, sign in, as they do for its own client."""

    reading: Reading

    @classmethod
    def open(
        cls, url: str, network: Network, retries: RetryPolicy, environment: Mapping[str, str]
    ) -> "MlflowOrigin":
        """The server at a URL."""
        headers = {}
        if user := environment.get("MLFLOW_TRACKING_USERNAME"):
            both = f"{user}:{environment.get('MLFLOW_TRACKING_PASSWORD', '')}"
            headers["Authorization"] = f"Basic {b64encode(both.encode()).decode()}"
        elif token := environment.get("MLFLOW_TRACKING_TOKEN"):
            headers["Authorization"] = f"Bearer {token}"
        if workspace := environment.get("MLFLOW_WORKSPACE"):
            headers["X-MLFLOW-WORKSPACE"] = workspace
        return cls(Reading(url, network, retries, headers))

    @property
    def address(self) -> str:
        """See `Origin.address`."""
        return f"mlflow:{self.reading.place}"

    def models(self) -> Iterator[OriginModel]:
        """See `Origin.models`."""
        for page in self._pages("GET", "registered-models/search", max_results=_PAGE):
            for each in page.get("registered_models", ()):
                aliases = {a["alias"]: str(a["version"]) for a in each.get("aliases", ())}
                said = _said(each)
                yield OriginModel(id=each["name"], name=each["name"], said=said, aliases=aliases)

    def versions(self, model: OriginModel) -> Iterator[OriginVersion]:
        """See `Origin.versions`."""
        query = {"filter": f"name={_quoted(model.name)}", "order_by": "version_number ASC"}
        for page in self._pages("GET", "model-versions/search", max_results=_PAGE, **query):
            for each in page.get("model_versions", ()):
                stage = each.get("current_stage")
                yield OriginVersion(
                    id=str(each["version"]),
                    name=model.name,
                    said=_said(each, run=each.get("run_id"), source=each.get("source")),
                    number=int(each["version"]),
                    run=each.get("run_id") or None,
                    uri=each.get("source"),
                    stage=None if stage in {None, "", "None"} else stage,
                )

    def experiments(self) -> Iterator[Kept]:
        """See `Origin.experiments`; the deleted ones stay behind."""
        for page in self._pages("POST", "experiments/search", max_results=_PAGE):
            for each in page.get("experiments", ()):
                yield Kept(id=str(each["experiment_id"]), name=each["name"], said=_said(each))

    def runs(self, experiment: Kept) -> Iterator[OriginRun]:
        """See `Origin.runs`; the deleted ones stay behind."""
        body = {"experiment_ids": [experiment.id], "order_by": ["attributes.start_time ASC"]}
        for page in self._pages("POST", "runs/search", max_results=_PAGE, **body):
            yield from map(_run, page.get("runs", ()))

    def points(self, run: OriginRun) -> Iterator[Mapping[str, Any]]:
        """See `Origin.points`."""
        for metric in run.metrics:
            yield from self._history(run, metric)

    def _history(self, run: OriginRun, metric: str) -> Iterator[Mapping[str, Any]]:
        query = {"run_id": run.id, "metric_key": metric, "max_results": _POINTS}
        for page in self._pages("GET", "metrics/get-history", **query):
            for each in page.get("metrics", ()):
                yield {
                    "key": metric,
                    "value": float(each["value"]),
                    "step": int(each.get("step", 0)),
                    "at": _time(each.get("timestamp", 0)),
                }

    def files(self, version: OriginVersion) -> Source | None:
        """See `Origin.files`."""
        query = {"name": version.name, "version": version.id}
        uri = self.reading.get(f"{API}/model-versions/get-download-uri", **query)["artifact_uri"]
        return self._source(uri)

    def run_files(self, run: OriginRun) -> Source | None:
        """See `Origin.run_files`."""
        found = self.reading.get(f"{API}/artifacts/list", run_id=run.id)
        return self._source(found["root_uri"]) if found.get("files") else None

    def _source(self, uri: str) -> Source:
        scheme, _, rest = uri.partition(":")
        if scheme == "mlflow-artifacts":
            path = rest.lstrip("/") if not rest.startswith("//") else rest[2:].partition("/")[2]
            return ProxiedSource(self.reading, path)
        if scheme in STORES:
            return open_source(uri, self.reading.network)
        raise Invalid(
            f"they lie at {uri}, which cannot be read from here.",
            next_step="Start that server with --serve-artifacts, or move them to a store first.",
        )

    def _pages(self, method: str, path: str, /, **asked: Any) -> Iterator[Mapping[str, Any]]:
        token = None
        while True:
            more: dict[str, Any] = {} if token is None else {"page_token": token}
            ask = self.reading.get if method == "GET" else self.reading.search
            page = ask(f"{API}/{path}", **asked, **more)
            yield page
            token = page.get("next_page_token")
            if not token:
                return


@dataclass(frozen=True, slots=True)
class ProxiedSource:
    """The files below a path of `mlflow-artifacts`; see `modelry.sources.Source`."""

    reading: Reading
    path: str

    def files(self) -> Iterator[SourceFile]:
        """All of them, folder by folder."""
        yield from self._below("")

    def read(self, file: SourceFile) -> Iterator[bytes]:
        """The bytes of one."""
        return self.reading.blocks(file.address)

    def _below(self, folder: str) -> Iterator[SourceFile]:
        within = f"{self.path}/{folder}".rstrip("/")
        for each in self.reading.get(PROXY, path=within).get("files", ()):
            path = f"{folder}{each['path']}"
            if each.get("is_dir"):
                yield from self._below(f"{path}/")
            else:
                address = f"{PROXY}/{within}/{each['path']}"
                yield SourceFile(path, address, int(each["file_size"]))


def _run(found: Mapping[str, Any]) -> OriginRun:
    info, data = found["info"], found.get("data", {})
    tags = {tag["key"]: tag.get("value", "") for tag in data.get("tags", ())}
    ended = info.get("end_time")
    return OriginRun(
        id=info["run_id"],
        name=info.get("run_name") or info["run_id"],
        said={"tags": tags, "owner": info.get("user_id") or None},
        parent=tags.get(_PARENT),
        started_at=_time(info.get("start_time") or 0),
        parameters={each["key"]: each.get("value", "") for each in data.get("params", ())},
        metrics=tuple(each["key"] for each in data.get("metrics", ())),
        inputs=tuple(map(_dataset, found.get("inputs", {}).get("dataset_inputs", ()))),
        ending={
            "status": _STATUS.get(info.get("status", ""), "finished"),
            **({"ended_at": _time(ended)} if ended else {}),
        },
    )


def _dataset(found: Mapping[str, Any]) -> Mapping[str, Any]:
    dataset = found["dataset"]
    return {"kind": "dataset", "name": dataset["name"], "digest": dataset["digest"]}


def _said(found: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    tags = {tag["key"]: tag.get("value", "") for tag in found.get("tags", ())}
    meant = {name: value for name, value in more.items() if value}
    return {
        **({"description": found["description"]} if found.get("description") else {}),
        **({"tags": tags} if tags else {}),
        **({"metadata": {"mlflow": meant}} if meant else {}),
    }


def _time(milliseconds: int | str) -> str:
    at = moment(_EPOCH + timedelta(milliseconds=int(milliseconds)))
    assert at is not None
    return at


def _quoted(name: str) -> str:
    mark = '"' if "'" in name else "'"
    return f"{mark}{name}{mark}"
