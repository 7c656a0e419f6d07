"""Finding versions and models, in Python and at the command line."""

import json
import secrets
from itertools import islice

import pytest

from modelry import Invalid, Modelry, NotFound
from tests.client.test_cli import Run, document, name, run

__all__ = ["name", "run"]


@pytest.fixture
def team(registry: Modelry) -> str:
    """A tag that the versions of this test alone have: three, of two models."""
    team = f"team{secrets.token_hex(4)}"
    for model, auc in (("churn", 0.7), ("churn", 0.9), ("lapse", 0.8)):
        path = registry.resolve(f"{team}-{model}").model_path()
        if auc != 0.9:
            registry.register_model(f"{team}-{model}", description="Who leaves")
        body = {
            "tags": {"team": team, "a.b": "x"},
            "metrics": {"auc": auc},
            "description": f"Réglé à {auc}",
        }
        registry.transport.request("POST", f"{path}/versions", body=body)
    return team


def test_versions_are_found_page_by_page_as_they_are_needed(registry: Modelry, team: str) -> None:
    found = registry.search(
        filter=f"tags.team = '{team}'",
        order_by="metrics.auc desc",
        facets=["model", 'tags."a.b"'],
        page_size=1,
    )

    assert [version.metrics["auc"] for version in islice(found, 2)] == [0.9, 0.8]
    assert [version.metrics["auc"] for version in found] == [0.9, 0.8, 0.7]
    assert [version.metrics["auc"] for version in found] == [0.9, 0.8, 0.7]
    models, odd = found.facets
    assert [(each["value"], each["count"]) for each in models.values] == [
        (f"{team}-churn", 2),
        (f"{team}-lapse", 1),
    ]
    assert (odd.field, odd.values, odd.more) == ('tags."a.b"', [{"value": "x", "count": 3}], False)


def test_words_find_models_and_versions(registry: Modelry, team: str) -> None:
    assert [each.number for each in registry.search(f"REGLE {team} churn")] == [2, 1]
    assert [each.name for each in registry.search_models(f"{team} leaves", order_by="name")] == [
        f"{team}-churn",
        f"{team}-lapse",
    ]
    assert list(registry.search_models(f"{team} stays")) == []
    assert registry.search_models(f"{team} stays").facets == []


def test_a_filter_that_is_none_is_refused_with_its_place(registry: Modelry) -> None:
    with pytest.raises(Invalid, match="at character 8"):
        list(registry.search(filter="name = churn"))
    with pytest.raises(NotFound):
        list(registry.search(namespace="nobodys"))
    with pytest.raises(Invalid):
        registry.search(namespace="No Namespace")


def test_the_command_prints_a_table_and_facets(run: Run, team: str) -> None:
    done = run(
        *("search", "regle", "-f", f"tags.team = '{team}'", "-f", "metrics.auc > 0.7"),
        *("--order-by", "metrics.auc desc", "--facet", "model", "--show", 'tags."a.b"'),
    )

    assert done.returncode == 0, done.stderr
    lines = [line.split() for line in done.stdout.splitlines()]
    assert lines[0] == ["VERSION", "STATE", "ALIASES", 'TAGS."A.B"', "METRICS.AUC", "CREATED"]
    assert [line[:4] for line in lines[1:3]] == [
        [f"default/{team}-churn:2", "ready", "x", "0.9"],
        [f"default/{team}-lapse:1", "ready", "x", "0.8"],
    ]
    assert lines[3:] == [[], ["MODEL", "COUNT"], [f"{team}-churn", "1"], [f"{team}-lapse", "1"]]


def test_the_command_prints_models_and_says_that_there_are_more(run: Run, team: str) -> None:
    done = run("search", team, "--models", "--limit", "1", "--order-by", "name")

    assert done.returncode == 0, done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()] == [
        "MODEL",
        f"default/{team}-churn",
    ]
    assert "There is more" in done.stderr


def test_the_command_prints_json(run: Run, team: str) -> None:
    found = document(run("search", team, "--json", "--facet", "state", "-n", "default"))

    assert [each["number"] for each in found["items"]] == [1, 2, 1]
    assert found["facets"] == [
        {"field": "state", "values": [{"value": "ready", "count": 3}], "more": False}
    ]
    assert found["more"] is False
    assert json.dumps(found)


def test_the_command_says_what_is_wrong_with_a_filter(run: Run) -> None:
    wrong = run("search", "-f", "auc > 0.9")
    nowhere = run("search", "-n", "nobodys")

    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert "no searchable field 'auc'" in wrong.stderr
    assert nowhere.returncode == 3
