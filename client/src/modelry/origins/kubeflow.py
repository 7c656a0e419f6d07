"""A Kubeflow model registry, read by the REST API that its clients use.

Models, versions and artifacts come from whichever of `v1` and `v1alpha3` there is, experiments and
runs from the latter.
"""

import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from modelry.errors import Invalid, NotFound
from modelry.moments import moment
from modelry.network import Network
from modelry.origins import Kept, OriginModel, OriginRun, OriginVersion
from modelry.origins.reading import Reading
from modelry.retries import RetryPolicy
from modelry.sources import SCHEMES, Source, open_source

_PAGE = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_STATUS = {"RUNNING": "running", "SCHEDULED": "scheduled", "FINISHED": "finished"}
_STATUS |= {"FAILED": "failed", "KILLED": "killed"}
_MODEL, _DATASET = "model-artifact", "dataset-artifact"
_METRIC, _PARAMETER = "metric", "parameter"


@dataclass(frozen=True, slots=True)
class KubeflowOrigin:
    """See `modelry.origins.Origin`. `KUBEFLOW_TOKEN` signs in."""

    reading: Reading
    api: str

    @classmethod
    def open(
        cls, url: str, network: Network, retries: RetryPolicy, environment: Mapping[str, str]
    ) -> "KubeflowOrigin":
        """The registry at a URL, by the newest of its interfaces."""
        token = environment.get("KUBEFLOW_TOKEN")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        reading = Reading(url, network, retries, headers)
        newest = "/api/model_registry/v1"
        try:
            reading.get(f"{newest}/registered_models", pageSize=1)
        except NotFound:
            newest = "/api/model_registry/v1alpha3"
        return cls(reading, newest)

    @property
    def address(self) -> str:
        """See `Origin.address`."""
        return f"kubeflow:{self.reading.place}"

    def models(self) -> Iterator[OriginModel]:
        """See `Origin.models`."""
        for each in self._items("/registered_models"):
            card = {"readme": each.get("readme"), "license": each.get("license")}
            card |= {"library": each.get("libraryName"), "provider": each.get("provider")}
            said = _said(each) | {"card": {k: v for k, v in card.items() if v}}
            yield OriginModel(id=each["id"], name=each["name"], said=said)

    def versions(self, model: OriginModel) -> Iterator[OriginVersion]:
        """See `Origin.versions`; they go by their names."""
        for each in self._items(f"/registered_models/{model.id}/versions", orderBy="CREATE_TIME"):
            held = list(self._items(f"/model_versions/{each['id']}/artifacts"))
            first = next((a for a in held if a["artifactType"] == _MODEL), {})
            said = _said(each) | _measured(held)
            if each.get("author"):
                said["authors"] = [each["author"]]
            yield OriginVersion(
                id=each["id"],
                name=each["name"],
                said=said | {"name": each["name"]} | _framework(first),
                run=str(each["experimentRunId"]) if each.get("experimentRunId") else None,
                uri=first.get("uri"),
            )

    def experiments(self) -> Iterator[Kept]:
        """See `Origin.experiments`."""
        try:
            for each in self._items("/experiments", api="/api/model_registry/v1alpha3"):
                yield Kept(id=each["id"], name=each["name"], said=_said(each))
        except NotFound:  # it has none
            return

    def runs(self, experiment: Kept) -> Iterator[OriginRun]:
        """See `Origin.runs`."""
        first = "/api/model_registry/v1alpha3"
        for each in self._items(f"/experiments/{experiment.id}/experiment_runs", api=first):
            held = list(self._items(f"/experiment_runs/{each['id']}/artifacts", api=first))
            started, ended = each.get("startTimeSinceEpoch"), each.get("endTimeSinceEpoch")
            yield OriginRun(
                id=each["id"],
                name=each["name"],
                said=_said(each),
                started_at=_time(started or each["createTimeSinceEpoch"]),
                parameters=_measured(held).get("parameters", {}),
                inputs=tuple(_dataset(a) for a in held if a["artifactType"] == _DATASET),
                ending={
                    "status": _STATUS.get(each.get("status", ""), "finished"),
                    **({"ended_at": _time(ended)} if ended else {}),
                },
            )

    def points(self, run: OriginRun) -> Iterator[Mapping[str, Any]]:
        """See `Origin.points`."""
        path = f"/experiment_runs/{run.id}/metric_history"
        for each in self._items(path, api="/api/model_registry/v1alpha3"):
            yield {
                "key": each["name"],
                "value": float(each["value"]),
                "step": int(each.get("step") or 0),
                "at": _time(each.get("timestamp") or each["createTimeSinceEpoch"]),
            }

    def files(self, version: OriginVersion) -> Source | None:
        """See `Origin.files`; the registry holds none itself, its URIs lead to them."""
        uri = version.uri
        if not uri:
            return None
        if uri.partition("://")[0] not in SCHEMES:
            raise Invalid(
                f"they lie at {uri}, which cannot be read from here.",
                next_step="Move them to a store, or import that version from a local copy.",
            )
        return open_source(uri.partition("?")[0], self.reading.network)

    def run_files(self, run: OriginRun) -> Source | None:
        """See `Origin.run_files`."""
        return None

    def _items(
        self, path: str, /, *, api: str | None = None, **query: Any
    ) -> Iterator[Mapping[str, Any]]:
        token = None
        while True:
            page = self.reading.get(
                (api or self.api) + path, pageSize=_PAGE, nextPageToken=token, **query
            )
            yield from page["items"]
            token = page.get("nextPageToken")
            if not token or not page["items"]:
                return


def _said(found: Mapping[str, Any]) -> dict[str, Any]:
    properties = {
        name: _plain(value) for name, value in (found.get("customProperties") or {}).items()
    }
    said = {
        "description": found.get("description"),
        "external_id": found.get("externalId"),
        "owner": found.get("owner"),
        "custom_properties": properties,
    }
    return {name: value for name, value in said.items() if value}


def _plain(value: Mapping[str, Any]) -> Any:
    """A custom property as JSON has it."""
    match value.get("metadataType"):
        case "MetadataIntValue":
            return int(value["int_value"])
        case "MetadataDoubleValue":
            return value["double_value"]
        case "MetadataBoolValue":
            return value["bool_value"]
        case "MetadataStructValue":
            return _struct(value["struct_value"])
    return value.get("string_value", "")


def _struct(text: str) -> Any:
    """Base64 of JSON, or, as some servers answer, the JSON itself."""
    try:
        return json.loads(text)
    except ValueError:
        return json.loads(b64decode(text))


def _measured(held: list[Mapping[str, Any]]) -> dict[str, Any]:
    metrics = {a["name"]: a["value"] for a in held if a["artifactType"] == _METRIC}
    parameters = {a["name"]: a["value"] for a in held if a["artifactType"] == _PARAMETER}
    datasets = [_dataset(a) for a in held if a["artifactType"] == _DATASET]
    measured = {"metrics": metrics, "parameters": parameters, "datasets": datasets}
    return {name: value for name, value in measured.items() if value}


def _dataset(artifact: Mapping[str, Any]) -> Mapping[str, Any]:
    named = {"name": artifact["name"], "digest": artifact.get("digest"), "uri": artifact.get("uri")}
    return {"kind": "dataset", **{name: value for name, value in named.items() if value}}


def _framework(artifact: Mapping[str, Any]) -> dict[str, Any]:
    named = {
        "name": artifact.get("modelFormatName"),
        "version": artifact.get("modelFormatVersion"),
    }
    framework = {name: value for name, value in named.items() if value}
    return {"framework": framework} if framework else {}


def _time(milliseconds: int | str) -> str:
    at = moment(_EPOCH + timedelta(milliseconds=int(milliseconds)))
    assert at is not None
    return at
