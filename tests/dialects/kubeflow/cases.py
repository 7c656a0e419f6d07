"""One request of each operation of the contract that is good, and one that is not."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from core.domain.access import Role
from tests.api.client import Api, bearer
from tests.builders import World
from tests.dialects.kubeflow.conftest import Kubeflow

CONTRACT = Path(__file__).with_name("contract")
PREFIX = "/api/model_registry"
GENERATIONS = ("v1", "v1alpha3")
UNKNOWN = "999"


@dataclass(frozen=True)
class Operation:
    """An operation of one generation, as the contract has it."""

    generation: str
    id: str
    method: str
    path: str

    @property
    def pattern(self) -> re.Pattern[str]:
        """The paths that are its."""
        return re.compile(re.sub(r"\{[^}]+\}", "[^/]+", self.path))


@dataclass(frozen=True)
class Case:
    """What is sent, beside ids that there are, for an answer of this status."""

    status: int
    params: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    id: str | None = None
    """Instead of an id that there is."""

    def ask(self, kubeflow: Kubeflow, operation: Operation) -> Any:
        """Send it, and hold the status to what is expected."""
        known = f"/{self.id or 1}"
        path = re.sub(r"/\{[^}]+\}", known, operation.path)
        options: dict[str, Any] = {"params": dict(self.params)}
        if self.body is not None:
            options["json"] = dict(self.body)
        return kubeflow(operation.method, path, self.status, **options)


@cache
def operations() -> tuple[Operation, ...]:
    """All of both generations, in the contract's order."""
    found = []
    for generation in GENERATIONS:
        text = (CONTRACT / f"{generation}.yaml").read_text(encoding="utf-8")
        document = yaml.load(text, Loader=yaml.CSafeLoader)
        for path, verbs in document["paths"].items():
            for verb, what in verbs.items():
                if verb in {"get", "post", "patch"}:
                    inner = path.removeprefix(f"{PREFIX}/{generation}")
                    found.append(Operation(generation, what["operationId"], verb.upper(), inner))
    return tuple(found)


MODEL = {"registeredModelId": "1"}
PLACE = {**MODEL, "servingEnvironmentId": "1"}
EXPERIMENT = {"experimentId": "1"}
CHANGE = {"description": "d"}
DOCUMENT = {"artifactType": "doc-artifact"}
RENAMED = Case(400, body={"name": "other"})
MISSING = Case(404, id=UNKNOWN)
UNREADABLE = Case(400, params={"filterQuery": "name ="})
NEGATIVE = Case(400, params={"pageSize": "-1"})
NAMELESS = Case(400)
"""Of what is found by a name or an external id, neither is given."""


def _both(good: Case, bad: Case, *names: str) -> dict[str, tuple[Case, Case]]:
    return dict.fromkeys(names, (good, bad))


NOUNS = ("RegisteredModel", "ModelVersion", "ServingEnvironment", "InferenceService")
OF_FIRST = ("Experiment", "ExperimentRun")
CASES: dict[str, tuple[Case, Case]] = {
    **_both(Case(200), MISSING, *(f"get{noun}" for noun in (*NOUNS, *OF_FIRST, "Artifact"))),
    **_both(Case(200), MISSING, "getInferenceServiceModel", "getInferenceServiceVersion"),
    **_both(Case(200), MISSING, "getModelArtifact"),
    **_both(Case(200), UNREADABLE, *(f"get{noun}s" for noun in (*NOUNS, *OF_FIRST, "Artifact"))),
    **_both(Case(200), UNREADABLE, "getModelArtifacts", "getRegisteredModelVersions"),
    **_both(Case(200), UNREADABLE, "getModelVersionArtifacts", "getEnvironmentInferenceServices"),
    **_both(Case(200), UNREADABLE, "getExperimentExperimentRuns", "getExperimentRunArtifacts"),
    **_both(Case(200), UNREADABLE, "getExperimentRunMetricHistory"),
    **_both(Case(200), UNREADABLE, "getExperimentRunsMetricHistory"),
    "getInferenceServiceServes": (Case(200), NEGATIVE),
    **_both(
        Case(200, params={"name": "a"}),
        NAMELESS,
        *("findRegisteredModel", "findServingEnvironment", "findExperiment"),
    ),
    **_both(
        Case(200, params={"name": "a", "parentResourceId": "1"}),
        Case(400, params={"name": "a"}),
        *("findModelVersion", "findInferenceService", "findExperimentRun"),
        *("findArtifact", "findModelArtifact"),
    ),
    **_both(
        Case(201, body={"name": "b"}),
        Case(409, body={"name": "a"}),
        *("createRegisteredModel", "createServingEnvironment", "createExperiment"),
    ),
    **_both(
        Case(201, body={"name": "b", **MODEL}),
        Case(409, body={"name": "a", **MODEL}),
        *("createModelVersion", "createRegisteredModelVersion"),
    ),
    **_both(
        Case(201, body={"name": "b", **EXPERIMENT}),
        Case(422, body={"name": "b"}),
        *("createExperimentRun", "createExperimentExperimentRun"),
    ),
    "createInferenceService": (
        Case(201, body={"name": "b", **PLACE}),
        Case(404, body={"name": "b", **PLACE, "servingEnvironmentId": UNKNOWN}),
    ),
    "createEnvironmentInferenceService": (
        Case(201, body={"name": "b", **PLACE}),
        Case(409, body={"name": "a", **PLACE}),
    ),
    "createInferenceServiceServe": (
        Case(201, body={"modelVersionId": "1"}),
        Case(404, body={"modelVersionId": UNKNOWN}),
    ),
    "createArtifact": (Case(201, body=DOCUMENT), Case(400, body={"artifactType": "other"})),
    "createModelArtifact": (Case(201, body={"name": "b"}), Case(400, body={"unknown": 1})),
    "upsertModelVersionArtifact": (
        Case(201, body={"name": "b", **DOCUMENT}),
        Case(409, body={"name": "a", "artifactType": "model-artifact"}),
    ),
    "upsertExperimentRunArtifact": (
        Case(201, body={"artifactType": "metric", "name": "loss", "value": 0.5}),
        Case(400, body={"artifactType": "metric", "name": "loss"}),
    ),
    **_both(Case(200, body=CHANGE), RENAMED, *(f"update{noun}" for noun in (*NOUNS, *OF_FIRST))),
    "updateModelArtifact": (Case(200, body=CHANGE), Case(404, body=CHANGE, id=UNKNOWN)),
    "updateArtifact": (
        Case(200, body={"artifactType": "model-artifact", **CHANGE}),
        Case(400, body={"artifactType": "metric", **CHANGE}),
    ),
}


def case_of(operation: Operation, *, good: bool) -> Case:
    """The request of an operation; in one case the generations differ in what they answer."""
    case = CASES[operation.id][0 if good else 1]
    if good and (operation.generation, operation.id) == ("v1alpha3", "createInferenceService"):
        return Case(200, body=case.body)
    return case


@cache
def _places(generation: str) -> tuple[Kubeflow, World]:
    api = Api()
    api.headers.update(bearer(api.world.token(("default", Role.OWNER))))
    kubeflow = Kubeflow(api, f"{PREFIX}/{generation}")
    prepare(kubeflow)
    kept = World()
    kept.become(api.world)
    return kubeflow, kept


def prepared(generation: str) -> Kubeflow:
    """A registry with one of each resource, and nothing that former tests did; asked by an
    owner."""
    kubeflow, kept = _places(generation)
    kubeflow.api.world.become(kept)
    return kubeflow


def prepare(kubeflow: Kubeflow) -> None:
    """One of each resource, called `a`, whose id is 1."""
    kubeflow.post("/registered_models", name="a")
    kubeflow.post("/model_versions", name="a", registeredModelId="1")
    kubeflow.post(
        "/model_versions/1/artifacts", artifactType="model-artifact", name="a", uri="s3://a"
    )
    kubeflow.post("/serving_environments", name="a")
    kubeflow.post("/serving_environments/1/inference_services", name="a", **PLACE)
    kubeflow.post("/inference_services/1/serves", name="a", modelVersionId="1")
    if kubeflow.prefix.endswith("v1alpha3"):
        kubeflow.post("/experiments", name="a")
        kubeflow.post("/experiment_runs", name="a", experimentId="1")
