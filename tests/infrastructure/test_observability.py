"""The dashboard and the alerts ask for nothing that the registry does not measure."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.api.client import MODEL
from tests.unit.test_telemetry import Observed

FOLDER = Path(__file__).parents[2] / "iac/observability"
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana.json").read_text(encoding="utf-8"))
ALERTS: dict[str, Any] = yaml.safe_load((FOLDER / "alerts.yaml").read_text(encoding="utf-8"))
FUNCTIONS = {
    "sum", "by", "le", "rate", "topk", "histogram_quantile", "job", "instance", "label_values",
}  # fmt: skip


def expressions() -> list[str]:
    """Every query of the dashboard and of the alerts."""
    panels = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
    variables = [each["query"] for each in DASHBOARD["templating"]["list"] if each["name"] == "job"]
    rules = [rule["expr"] for group in ALERTS["groups"] for rule in group["rules"]]
    return [*panels, *variables, *rules]


@pytest.fixture(scope="module")
def exposed() -> str:
    """What Prometheus gets once each measure was taken, a retried transaction among them."""
    api = Observed()
    api.post("/api/v1/namespaces/default/models", json={"name": "iris"})
    api.post(f"{MODEL}/versions", json={})
    api.get("/api/v1/nothing")
    api.telemetry._retries.add(1)
    api.world.blobs.down = True
    api.get("/health")
    with api.telemetry.task("sweep"):
        span = api.telemetry.command_begun("find", "models", "modelry")
        api.telemetry.command_done(span, "find", "models", 0.001, "WriteConflict")
    return api.metrics()


@pytest.mark.parametrize("expression", expressions())
def test_each_metric_and_each_label_of_a_query_is_there(expression: str, exposed: str) -> None:
    series = re.findall(r"^([a-z_]+)(?:\{(.*)\})? ", exposed, re.MULTILINE)
    names = {name for name, _ in series}
    labels = {label for _, of in series for label in re.findall(r'(\w+)="', of)}
    text = re.sub(r'"[^"]*"|\[[^]]*\]', "", expression)

    words = set(re.findall(r"[a-z_]{2,}", text)) - FUNCTIONS

    metrics = {word for word in words if word.startswith(("http_server", "db_client", "modelry_"))}
    asked = {word for word in metrics if word in names}
    assert asked, f"it asks for no metric that there is: {expression}"
    assert words - asked <= labels


def test_the_dashboard_can_be_imported_anywhere() -> None:
    ids = [panel["id"] for panel in DASHBOARD["panels"]]

    assert len(set(ids)) == len(ids)
    assert {panel["datasource"]["uid"] for panel in DASHBOARD["panels"]} == {"${datasource}"}
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(set(places)) == len(places)


def test_each_alert_says_what_to_look_at() -> None:
    for group in ALERTS["groups"]:
        for rule in group["rules"]:
            assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
            assert set(rule["annotations"]) == {"summary", "look"}
