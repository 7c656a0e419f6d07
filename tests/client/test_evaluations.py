"""Evaluations through the SDK and the command: made here, registered there, compared."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import joblib
import pytest
from sklearn.linear_model import LogisticRegression

from modelry import Conflict, EvaluationReport, Forbidden, Invalid, Modelry, NotFound
from modelry.evaluation import evaluate
from tests.parts import LocalRegistry

Run = Callable[..., "CompletedProcess[str]"]
CSV = "calls,sex,churned\n" + "".join(
    f"{at % 13},{'mf'[at % 2]},{'yes' if at * 7 % 13 > 6 else 'no'}\n" for at in range(60)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a model, different each time, and a data set."""
    (tmp_path / "holdout.csv").write_text(CSV)
    (tmp_path / "model").mkdir()
    train(tmp_path, 1.0)
    return tmp_path


def train(folder: Path, strength: float) -> None:
    rows = [line.split(",") for line in CSV.splitlines()[1:]]
    seed = secrets.randbelow(1_000_000)
    estimator = LogisticRegression(C=strength, random_state=seed, solver="liblinear")
    estimator.fit([[int(row[0])] for row in rows], [row[2] for row in rows])
    joblib.dump(estimator, folder / "model" / "model.joblib")


def report(folder: Path, **more: Any) -> EvaluationReport:
    return evaluate(
        folder / "model",
        folder / "holdout.csv",
        target="churned",
        features=["calls"],
        options={"allow_pickle": True},
        **more,
    )


@pytest.fixture
def name() -> str:
    return f"model-{secrets.token_hex(4)}"


@pytest.fixture
def run(local_registry: LocalRegistry, owner_token: str, folder: Path) -> Run:
    def command(*arguments: str, **more: str) -> "CompletedProcess[str]":
        own = {"MODELRY_URL": local_registry.url, "MODELRY_TOKEN": owner_token}
        return subprocess.run(
            [sys.executable, "-m", "modelry", *arguments],
            env={**os.environ, **own, **more},
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )

    return command


EVALUATE = (
    "evaluate", "model", "holdout.csv", "--target", "churned", "--feature", "calls",
    "--slice", "sex", "--group", "sex", "--allow-pickle",
)  # fmt: skip


def test_a_push_registers_its_evaluation_in_the_same_step(
    registry: Modelry, folder: Path, name: str
) -> None:
    made = report(folder, group_by=["sex"])

    version = registry.push(folder / "model", name, evaluation=made)
    again = registry.push(folder / "model", name, evaluation=[made, made.document])

    (found,) = registry.evaluations(version.reference)
    whole = registry.evaluation(version.reference, found.id)
    assert again.number == version.number
    assert found.digest == made.digest
    assert found.metrics == made.metrics
    assert found.dataset["name"] == "holdout"
    assert found.report is None
    assert whole.report == made.document
    assert whole.raw["model_digest"] == version.digest


def test_a_report_of_other_files_stops_the_push_before_anything_is_sent(
    registry: Modelry, folder: Path, name: str
) -> None:
    made = report(folder)
    (folder / "model" / "more.txt").write_text("x")

    with pytest.raises(Conflict, match="other files"):
        registry.push(folder / "model", name, evaluation=made)

    assert list(registry.versions(name)) == []


def test_a_report_is_registered_later_and_once(registry: Modelry, folder: Path, name: str) -> None:
    version = registry.push(folder / "model", name)
    path = report(folder).write(folder / "report.json")

    first = registry.register_evaluation(version.reference, path, reason="late")
    again = registry.register_evaluation(version.reference, path)
    other = registry.register_evaluation(name, report(folder, dataset_name="recent"))

    assert first.id == again.id
    assert [each.id for each in registry.evaluations(name)] == [other.id, first.id]
    assert [each.id for each in registry.evaluations(name, dataset="holdout")] == [first.id]
    assert [each.id for each in registry.evaluations(f"{name}:1", dataset="recent")] == [other.id]
    assert list(registry.evaluations(name, as_of=version.created_at)) == []
    with pytest.raises(NotFound):
        registry.evaluation(version.reference, "0")
    with pytest.raises(Invalid):
        registry.register_evaluation(name, {"metrics": {}})


def test_who_may_only_read_registers_nothing(
    local_registry: LocalRegistry, registry: Modelry, folder: Path, name: str
) -> None:
    registry.push(folder / "model", name)

    with (
        Modelry(local_registry.url, local_registry.token("reader")) as reader,
        pytest.raises(Forbidden),
    ):
        reader.register_evaluation(name, report(folder))


def test_evaluations_are_compared_by_data_set(registry: Modelry, folder: Path, name: str) -> None:
    registry.push(folder / "model", name, evaluation=report(folder))
    train(folder, 0.0001)
    worse = report(folder)
    registry.push(folder / "model", name, evaluation=worse)

    rows = {(row.section, row.name): row for row in registry.compare(f"{name}:1", f"{name}:2").rows}

    row = rows["evaluation on holdout", "log_loss"]
    assert row.values[1] == worse.metrics["log_loss"]
    assert row.best == (0,)


def test_the_command_evaluates_without_a_registry(run: Run, folder: Path) -> None:
    done = run(*EVALUATE, "-o", "report.json", MODELRY_URL="http://127.0.0.1:1")
    as_json = run(*EVALUATE, "--json")

    assert done.returncode == 0, done.stderr
    for words in ("METRICS", "CONFUSION MATRIX", "BY SEX", "FAIRNESS BY SEX", "accuracy"):
        assert words in done.stdout
    assert "report.json holds the report." in done.stderr
    written = json.loads((folder / "report.json").read_text())
    assert json.loads(as_json.stdout)["metrics"] == written["metrics"]
    assert as_json.stderr == ""


def test_the_command_asks_for_consent_to_a_pickle(run: Run) -> None:
    done = run(*(each for each in EVALUATE if each != "--allow-pickle"))

    assert done.returncode == 1
    assert "--allow-pickle" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_pushes_lists_shows_and_adds(run: Run, name: str) -> None:
    assert run(*EVALUATE, "-o", "report.json").returncode == 0
    assert run(*EVALUATE, "-o", "second.json", "--name", "recent").returncode == 0

    pushed = run("push", "model", name, "--evaluation", "report.json")
    added = run("evaluations", f"{name}:1", "--add", "second.json", "--reason", "more")
    listed = run("evaluations", name)
    found = json.loads(run("evaluations", f"{name}:1", "--dataset", "holdout", "--json").stdout)
    shown = run("evaluations", f"{name}:1", found[0]["id"])

    assert pushed.returncode == 0, pushed.stderr
    assert f"{name}:1 has the evaluation" in added.stdout
    heading, *rows = listed.stdout.splitlines()
    assert heading.split()[:2] == ["VERSION", "DATA"]
    assert [row.split()[1] for row in rows] == ["recent", "holdout"]
    assert "accuracy" in rows[0]
    assert "FAIRNESS BY SEX" in shown.stdout
    assert len(found) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("evaluations", "NAME", "--add", "holdout.csv"), "of one version"),
        (("evaluations", "NAME", "0"), "of one version"),
        (("evaluations", "NAME:1", "--add", "holdout.csv"), "no evaluation report"),
        (("evaluations", "NAME:9"), "no model"),
        (("push", "model", "NAME", "--evaluation", "holdout.csv"), "no evaluation report"),
        (("evaluate", "model", "holdout.csv", "--evaluator", "x:y"), "cannot be imported"),
    ],
)
def test_what_cannot_be_is_refused_in_words(
    run: Run, name: str, arguments: tuple[str, ...], words: str
) -> None:
    done = run(*(each.replace("NAME", name) for each in arguments))

    assert done.returncode in {1, 3}
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_the_client_does_not_load_what_only_evaluating_needs() -> None:
    script = "import sys, modelry.cli; print({'numpy', 'sklearn', 'joblib'} & set(sys.modules))"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.stdout.strip() == "set()"


def test_a_version_shows_what_it_achieved(
    run: Run, registry: Modelry, folder: Path, name: str
) -> None:
    made = report(folder)
    registry.push(folder / "model", name, evaluation=made)

    shown = run("show", f"{name}:1").stdout

    assert "EVALUATIONS" in shown
    assert f"holdout   accuracy {made.metrics['accuracy']:.4g}" in shown
    assert "<summary>Metrics</summary>" in made._repr_html_()
