"""The manifests are valid, refuse what they need not have, and fit the registry they deploy."""

import importlib
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import fields
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from core.settings import Settings
from tests.api.client import Api

FOLDER = Path(__file__).parents[2] / "iac/kubernetes"
OF_KNATIVE_ALONE = {"containerConcurrency", "timeoutSeconds"}
NO_MANIFESTS = {"kustomization.yaml", "knative.yaml"}
ROOT_OF = {
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "Job": ("spec", "template"),
    "Service": ("spec", "template"),
}


def read(text: str) -> list[dict[str, Any]]:
    return [each for each in yaml.safe_load_all(text) if each]


KUSTOMIZATION: dict[str, Any] = read((FOLDER / "kustomization.yaml").read_text("utf-8"))[0]
FILES = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml"))}
MANIFESTS = [
    each for name, text in FILES.items() if name not in NO_MANIFESTS for each in read(text)
]


def title(manifest: Mapping[str, Any]) -> str:
    return f"{manifest['kind']}-{manifest['metadata']['name']}"


def pods(manifests: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What each manifest that runs something makes of a pod."""
    for manifest in manifests:
        path = ROOT_OF.get(manifest["kind"])
        if path is None:
            continue
        template: Any = manifest
        for step in path:
            template = template[step]
        yield title(manifest), template


PODS = dict(pods(MANIFESTS))


def check(manifest: dict[str, Any]) -> None:
    """Raise for what Kubernetes would refuse; Knative's pods are held to the rules of all pods."""
    if manifest["apiVersion"] != "serving.knative.dev/v1":
        kubernetes_validate.validate(manifest, kubernetes_validate.latest_version(), strict=True)
        return
    assert set(manifest["spec"]) == {"template"}
    template = deepcopy(manifest["spec"]["template"])
    of_pods = {
        name: value for name, value in template["spec"].items() if name not in OF_KNATIVE_ALONE
    }
    for container in of_pods["containers"]:
        for probe in ("readinessProbe", "livenessProbe"):
            container[probe]["httpGet"]["port"] = 8080  # Knative fills it in
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**template["metadata"], "name": "x"},
        "spec": of_pods,
    }
    kubernetes_validate.validate(pod, kubernetes_validate.latest_version(), strict=True)
    scales = template["metadata"]["annotations"]
    assert all(isinstance(value, str) and value.isdigit() for value in scales.values())


@pytest.mark.parametrize("manifest", MANIFESTS, ids=title)
def test_kubernetes_takes_each_manifest(manifest: dict[str, Any]) -> None:
    check(manifest)


def test_every_manifest_is_deployed() -> None:
    assert set(KUSTOMIZATION["resources"]) == set(FILES) - NO_MANIFESTS


@pytest.mark.parametrize("name", PODS)
def test_what_runs_has_no_right_that_it_does_not_need(name: str) -> None:
    pod = PODS[name]["spec"]

    assert pod["automountServiceAccountToken"] is False
    for container in pod["containers"]:
        context = {**pod.get("securityContext", {}), **container["securityContext"]}
        assert (context["runAsNonRoot"], context["runAsUser"]) == (True, 65532)
        assert context["allowPrivilegeEscalation"] is False
        assert context["readOnlyRootFilesystem"] is True
        assert context["capabilities"] == {"drop": ["ALL"]}
        assert context["seccompProfile"] == {"type": "RuntimeDefault"}
        assert container["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", [name for name in PODS if name.startswith("Service-")])
def test_probes_ask_what_the_application_answers_to_everybody(name: str) -> None:
    api = Api()
    del api.headers["Authorization"]
    (container,) = PODS[name]["spec"]["containers"]

    for probe in ("readinessProbe", "livenessProbe"):
        assert api.get(container[probe]["httpGet"]["path"]).status_code == 200


def test_commands_name_what_there_is() -> None:
    commands = " ".join(
        " ".join(container.get("command", []))
        for pod in PODS.values()
        for container in pod["spec"]["containers"]
    )

    named = re.findall(r"from (\S+) import (\w+)", commands)
    assert {module for module, _ in named} == {
        "handlers.functions.sweep",
        "handlers.functions.relay",
    }
    for module, _ in named:
        assert "def handler(event" in Path(module.replace(".", "/") + ".py").read_text("utf-8")
    assert "-m handlers.functions.migrate" in commands
    assert callable(importlib.import_module("handlers.functions.migrate").main)


def test_each_setting_is_one_and_no_secret_is_among_them() -> None:
    known = {f"MODELRY_{field.name.upper()}": field for field in fields(Settings)}
    (generated,) = KUSTOMIZATION["configMapGenerator"]
    given = dict(literal.split("=", 1) for literal in generated["literals"])
    secrets = {"MODELRY_MONGODB_URI": "mongodb://x/", "MODELRY_S3_ACCESS_KEY": "a"}

    assert set(given) <= {name for name, field in known.items() if field.repr}
    assert not {name for name in given if "SECRET" in name or "TOKEN" in name or "KEY" in name}
    Settings.from_environment({**given, **secrets, "MODELRY_S3_SECRET_KEY": "b"})


def test_whoever_runs_reaches_what_the_policies_name_and_nothing_else() -> None:
    policies = [each for each in MANIFESTS if each["kind"] == "NetworkPolicy"]
    closed = [each["spec"] for each in policies if each["spec"]["podSelector"] == {}]

    assert closed == [{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}]
    for name, pod in PODS.items():
        assert pod["metadata"]["labels"]["app"] == "modelry", name
    (events,) = [each for each in MANIFESTS if each["metadata"]["name"] == "modelry-events"]
    assert events["metadata"]["labels"]["networking.knative.dev/visibility"] == "cluster-local"


def test_kustomize_makes_one_whole_of_them() -> None:
    """Where there is kubectl; what Kubernetes takes is shown without."""
    if (tool := shutil.which("kubectl")) is None:
        return
    command = [tool, "kustomize", str(FOLDER)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)

    built = read(done.stdout)

    (settings,) = [each for each in built if each["kind"] == "ConfigMap"]
    for manifest in built:
        if manifest["kind"] != "ConfigMap":
            check(manifest)
        if manifest["kind"] != "Namespace":
            assert manifest["metadata"]["namespace"] == "modelry"
    for name, pod in pods(built):
        for container in pod["spec"]["containers"]:
            assert ":" in container["image"], name
            named = [
                each["configMapRef"]["name"]
                for each in container["envFrom"]
                if "configMapRef" in each
            ]
            assert named == [settings["metadata"]["name"]]
