"""Evaluating here: data sets, evaluators, consent to pickles, and the reports that come of it."""

import hashlib
import importlib.metadata
import json
import math
import pickle
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import joblib
import numpy
import pytest
from sklearn.linear_model import LinearRegression, LogisticRegression, RidgeClassifier
from sklearn.svm import LinearSVC

from core.domain.reports import canonical, check_report, report_digest
from modelry import Invalid
from modelry.evaluation import (
    Dataset,
    EvaluationReport,
    Findings,
    Predictions,
    evaluate,
    evaluator_names,
    find_evaluator,
    load_dataset,
    read_report,
)
from modelry.evaluation.sections import report_sections
from modelry.files import find_files, hash_files, manifest_digest

CSV = """age,calls,sex,churned
30,1,f,no
40,9,m,yes
50,2,f,no
60,8,m,yes
35,2,,no
45,7,f,yes
"""
FEATURES = {"features": ["age", "calls"]}
PICKLE = {"options": {"allow_pickle": True}}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    file = tmp_path / "holdout.csv"
    file.write_text(CSV)
    return file


def saved(folder: Path, estimator: Any) -> Path:
    model = folder / "model"
    model.mkdir(exist_ok=True)
    joblib.dump(estimator, model / "model.joblib")
    return model


@pytest.fixture
def model(tmp_path: Path, data: Path) -> Path:
    table = load_dataset(data)
    rows = numpy.column_stack([table.columns["age"], table.columns["calls"]])
    return saved(tmp_path, LogisticRegression().fit(rows, table.columns["churned"]))


def test_a_classifier_is_reported_on_in_a_form_that_the_registry_takes(
    model: Path, data: Path
) -> None:
    report = evaluate(
        model, data, target="churned", slice_by=["sex"], group_by=["sex"], **FEATURES, **PICKLE
    )

    document = report.document
    files = hash_files(find_files(model))
    digest = manifest_digest((file.path, file.size_bytes, file.sha256) for file in files)
    assert check_report(document)
    assert document["task"] == "classification"
    assert document["model"] == {
        "digest": digest,
        "file_count": 1,
        "size_bytes": files[0].size_bytes,
    }
    assert document["dataset"] == {
        "name": "holdout",
        "digest": f"sha256:{hashlib.sha256(data.read_bytes()).hexdigest()}",
        "size_bytes": len(CSV),
        "rows": 6,
        "target": "churned",
    }
    assert document["evaluator"]["name"] == "sklearn"
    assert document["evaluator"]["version"] == importlib.metadata.version("scikit-learn")
    assert document["metrics"]["accuracy"] == 1
    assert document["metrics"]["roc_auc"] == 1
    assert document["confusion_matrix"] == {"labels": ["no", "yes"], "matrix": [[3, 0], [0, 3]]}
    assert {curve["name"] for curve in document["curves"]} == {"roc", "precision_recall"}
    assert [(each["value"], each["rows"]) for each in document["slices"]] == [
        ("f", 3),
        ("m", 2),
        (None, 1),
    ]
    assert document["fairness"][0]["differences"]["demographic_parity_difference"] == 1
    assert document["metrics"]["fairness.sex.demographic_parity_difference"] == 1
    assert document["environment"]["packages"]["scikit-learn"]
    assert document["duration_seconds"] >= 0
    assert report.digest == report_digest(canonical(document))


def test_a_regression_is_reported_on(tmp_path: Path, data: Path) -> None:
    rows = [[1, 30], [9, 40], [2, 50], [8, 60], [2, 35], [7, 45]]
    model = saved(tmp_path, LinearRegression().fit(rows, [row[1] for row in rows]))

    found = evaluate(
        model, data, target="age", features=["calls", "age"], group_by=["sex"], **PICKLE
    )

    assert check_report(found.document)
    assert found.document["task"] == "regression"
    assert found.metrics["mae"] == pytest.approx(0, abs=1e-9)
    assert found.metrics["r2"] == pytest.approx(1)
    assert "confusion_matrix" not in found.document
    assert "fairness.sex.mae_difference" in found.metrics


@pytest.mark.parametrize("kind", [LinearSVC, RidgeClassifier])
def test_scores_that_are_no_probabilities_give_curves_but_no_loss(
    tmp_path: Path, data: Path, kind: Any
) -> None:
    table = load_dataset(data)
    rows = numpy.column_stack([table.columns["age"], table.columns["calls"]])
    model = saved(tmp_path, kind().fit(rows, table.columns["churned"]))

    for positive, other in (("yes", "no"), ("no", "yes")):
        found = evaluate(model, data, target="churned", positive=positive, **FEATURES, **PICKLE)
        assert found.metrics["roc_auc"] == 1, other
        assert "log_loss" not in found.metrics
        assert found.document["curves"][0]["label"] == positive


class Bomb:
    """A pickle that leaves a file behind when it is loaded."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return (Path.touch, (self.place,))


@pytest.mark.parametrize("name", ["model.pkl", "model.joblib", "model.pickle"])
def test_a_pickle_is_not_loaded_without_consent(tmp_path: Path, data: Path, name: str) -> None:
    trace = tmp_path / "trace"
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / name).write_bytes(pickle.dumps(Bomb(trace)))

    for options in ({}, {"allow_pickle": False}, {"file": name}):
        with pytest.raises(Invalid, match="runs whatever code"):
            evaluate(folder, data, target="churned", options=options)

    assert not trace.exists()


def test_a_model_that_cannot_be_loaded_or_used_is_refused_in_words(
    tmp_path: Path, data: Path, model: Path
) -> None:
    def refused(**more: Any) -> str:
        given: dict[str, Any] = {"target": "churned", **FEATURES, **PICKLE, **more}
        with pytest.raises(Invalid) as error:
            evaluate(model, data, **given)
        return f"{error.value}"

    assert "trained on 2 features; the data set shows it 1" in refused(features=["age"])
    assert "no column 'nothing'" in refused(target="nothing")
    assert "no column 'nothing'" in refused(slice_by=["nothing"])
    assert "no column 'nothing'" in refused(features=["nothing"])
    assert "No target" in refused(target=None)
    assert "labels are: no, yes" in refused(positive="maybe")
    assert "no file 'x'" in refused(options={"allow_pickle": True, "file": "x"})
    assert "no file '../holdout.csv'" in refused(
        options={"allow_pickle": True, "file": "../holdout.csv"}
    )
    joblib.dump(1, model / "second.pkl")
    assert "several models: model.joblib, second.pkl" in refused()
    assert "neither a classifier nor a regressor" in refused(
        options={"allow_pickle": True, "file": "second.pkl"}
    )
    (model / "second.pkl").write_bytes(b"not a pickle")
    assert "cannot be loaded" in refused(options={"allow_pickle": True, "file": "second.pkl"})
    for file in model.iterdir():
        file.unlink()
    (model / "weights.bin").write_bytes(b"x")
    assert "no model of scikit-learn" in refused()


def test_skops_files_are_preferred_and_their_types_are_trusted_by_name(
    tmp_path: Path, data: Path, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a stand-in for skops, which is not among the packages that tests install."""
    estimator = joblib.load(model / "model.joblib")
    (model / "model.skops").write_bytes(b"x")
    loaded: list[Any] = []

    def load(file: Path, trusted: list[str]) -> Any:
        loaded.append((file.name, trusted))
        return estimator

    stand_in = SimpleNamespace(get_untrusted_types=lambda file: ["own.Type"], load=load)
    monkeypatch.setitem(sys.modules, "skops", SimpleNamespace(io=stand_in))
    monkeypatch.setitem(sys.modules, "skops.io", stand_in)

    with pytest.raises(Invalid, match="nobody vouched for") as refused:
        evaluate(model, data, target="churned", **FEATURES)
    found = evaluate(model, data, target="churned", options={"trusted": ["own.Type"]}, **FEATURES)

    assert refused.value.problems == (("own.Type", "is not trusted"),)
    assert loaded == [("model.skops", ["own.Type"])]
    assert found.metrics["accuracy"] == 1


def test_a_library_that_is_missing_is_named(
    data: Path, model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "sklearn.base", None)
    with pytest.raises(Invalid) as refused:
        evaluate(model, data, target="churned", **FEATURES, **PICKLE)
    assert refused.value.next_step == "pip install 'modelry[evaluate]'"

    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    (tmp_path / "a.parquet").write_bytes(b"x")
    with pytest.raises(Invalid, match="Reading Parquet needs pyarrow"):
        load_dataset(tmp_path / "a.parquet")


def says_yes(model: Path, dataset: Dataset, *, but: int = 0) -> Predictions:
    """An evaluator of the sort that people write."""
    values = ["yes"] * dataset.rows
    values[:but] = ["no"] * but
    return Predictions("classification", values)


def test_any_callable_evaluates(data: Path, tmp_path: Path) -> None:
    found = evaluate(data, data, target="churned", evaluator=says_yes, options={"but": 1})
    measured = evaluate(
        data, data, evaluator=lambda model, dataset: {"bleu": numpy.float32(0.5), "n": 3}
    )
    findings = evaluate(
        data, data, evaluator=lambda *_: Findings({"rouge": 0.1}, notes=["of ten texts"])
    )

    assert found.metrics["accuracy"] == pytest.approx(4 / 6)
    assert found.document["evaluator"]["name"].endswith(":says_yes")
    assert found.document["evaluator"]["parameters"] == {"but": 1}
    assert "no curves" in " ".join(found.document["notes"])
    assert measured.metrics == {"bleu": 0.5, "n": 3}
    assert measured.document["task"] == "other"
    assert findings.document["notes"] == ["of ten texts"]
    for report in (found, measured, findings):
        assert check_report(report.document)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (None, "gave a NoneType"),
        ({"a": math.nan}, "cannot be written as JSON"),
        ({"a": object()}, "cannot be written as JSON"),
        (Predictions("magic", []), "cannot be measured"),
        (Predictions("classification", ["yes"]), "of 1 rows; there are 6"),
        (Predictions("classification", [1] * 6), "The target holds str, the predictions are int"),
        (Predictions("classification", ["maybe"] * 6), "None of the target's labels"),
        (
            Predictions("classification", ["yes"] * 6, ["no", "yes"], [[1, 2]]),
            "scores of the shape",
        ),
        (
            Predictions("classification", ["yes"] * 6, ["no", "yes"], [[math.nan, 2]] * 6),
            "scores of the shape",
        ),
        (Predictions("regression", [1] * 6), "no numbers"),
    ],
)
def test_what_an_evaluator_gives_is_held_to_its_form(data: Path, result: Any, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        evaluate(data, data, target="churned", evaluator=lambda *_: result)


@pytest.mark.parametrize("evaluator", ["sklearn", says_yes, lambda model: {"a": 1}, dict.fromkeys])
def test_options_that_an_evaluator_does_not_take_are_refused(data: Path, evaluator: Any) -> None:
    with pytest.raises(Invalid, match="cannot be called"):
        evaluate(data, data, target="churned", evaluator=evaluator, options={"limit": 5})


def test_who_measures_by_itself_cannot_be_sliced(data: Path) -> None:
    with pytest.raises(Invalid, match="by itself"):
        evaluate(data, data, evaluator=lambda *_: {"a": 1}, slice_by=["sex"])


def test_an_evaluator_is_found_by_module_and_by_entry_point(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "site"
    (package / "mine-1.2.dist-info").mkdir(parents=True)
    (package / "mine-1.2.dist-info" / "METADATA").write_text("Name: mine\nVersion: 1.2\n")
    (package / "mine-1.2.dist-info" / "entry_points.txt").write_text(
        "[modelry.evaluators]\nmine = mine_evaluator:run\nbroken = nowhere:run\n"
    )
    (package / "mine_evaluator.py").write_text("def run(model, dataset):\n    return {'a': 1}\n")
    monkeypatch.syspath_prepend(package)
    (tmp_path / "here_evaluator.py").write_text(
        "x = 1\nclass Own:\n  @staticmethod\n  def run(model, dataset):\n    return {'a': 2}\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))

    offered = find_evaluator("mine")
    here = find_evaluator("here_evaluator:Own.run")

    assert evaluator_names() == ["broken", "mine", "sklearn"]
    assert (offered.version, offered.run(None, None)) == ("1.2", {"a": 1})
    assert (here.name, here.version) == ("here_evaluator:Own.run", None)
    assert here.run(None, None) == {"a": 2}
    assert find_evaluator(offered) is offered
    for unknown, words in (
        ("nobody", "There are: broken, mine, sklearn"),
        ("broken", "cannot be imported"),
        ("nowhere:run", "cannot be imported"),
        ("here_evaluator:nothing", "cannot be imported"),
        ("here_evaluator:x", "no function"),
    ):
        with pytest.raises(Invalid) as refused:
            find_evaluator(unknown)
        assert words in str(refused.value)


def test_a_model_that_changes_while_it_is_evaluated_is_not_reported_on(data: Path) -> None:
    def spoil(model: Path, dataset: Dataset) -> dict[str, float]:
        model.write_text("other")
        return {"a": 1}

    with pytest.raises(Invalid, match="changed"):
        evaluate(data, load_dataset(data), evaluator=spoil)


def test_columns_of_a_csv_have_the_types_they_are_written_in(tmp_path: Path) -> None:
    file = tmp_path / "types.csv"
    file.write_text(
        "\ufeffi,f,b,s,zip,gap\n1,1.5,true,x,01069,\n-2,1e3,False,,04109,2\n\n3,2,true,y,0,3\n",
        encoding="utf-8",
    )

    found = load_dataset(file).columns

    assert found["i"].tolist() == [1, -2, 3]
    assert found["i"].dtype == "int64"
    assert found["f"].tolist() == [1.5, 1000, 2]
    assert found["b"].tolist() == [True, False, True]
    assert found["s"].tolist() == ["x", None, "y"]
    assert found["zip"].tolist() == ["01069", "04109", "0"]
    assert math.isnan(found["gap"][0])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", b"a,b\n1\n", "line 2 has another number of fields"),
        ("a.csv", b"a,a\n1,2\n", "missing or double"),
        ("a.csv", b"a,\n1,2\n", "missing or double"),
        ("a.csv", b"\xff\xfe\n", "is no CSV"),
        ("a.csv", b"a,b\n", "no columns"),
        ("a.csv", b"", "no columns"),
        ("a.npz", b"x", "no NumPy archive"),
        ("a.txt", b"x", "no file that can be read"),
    ],
)
def test_a_file_that_is_no_data_set_is_refused(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    (tmp_path / name).write_bytes(content)

    with pytest.raises(Invalid, match=words):
        load_dataset(tmp_path / name)


def test_arrays_are_columns_and_pickled_ones_are_refused(tmp_path: Path) -> None:
    numpy.savez(tmp_path / "a.npz", x=numpy.ones((2, 3)), y=numpy.array(["a", "b"]))
    numpy.savez(tmp_path / "bad.npz", x=numpy.array([{}, {}], dtype=object))
    numpy.savez(tmp_path / "cube.npz", x=numpy.ones((2, 2, 2)))

    assert list(load_dataset(tmp_path / "a.npz").columns) == ["x_0", "x_1", "x_2", "y"]
    with pytest.raises(Invalid, match="read safely"):
        load_dataset(tmp_path / "bad.npz")
    with pytest.raises(Invalid, match="3 dimensions"):
        load_dataset(tmp_path / "cube.npz")


def test_rows_without_a_truth_are_refused(data: Path) -> None:
    with pytest.raises(Invalid, match="1 of 6 rows have no value of 'sex'"):
        evaluate(data, data, target="sex", evaluator=says_yes)


def test_what_is_shown_is_what_was_asked_for() -> None:
    columns = {name: numpy.array([1, 2]) for name in "abc"} | {"t": numpy.array(["x", "y"])}
    dataset = Dataset("d", columns, target="c")

    assert dataset.features(["b"]).tolist() == [[1], [2]]
    assert dataset.shown(None, ["t"]).features().shape == (2, 2)
    assert dataset.features().dtype == object
    assert dataset.shown(["a"], ()).features(["b", "c"]).shape == (2, 1)
    with pytest.raises(Invalid, match="No column is left"):
        dataset.shown(None, ["a", "b", "t"]).features()
    with pytest.raises(Invalid, match="different lengths"):
        Dataset("d", {"a": numpy.array([1]), "b": numpy.array([])})


def test_a_report_is_written_and_read_again(tmp_path: Path, data: Path) -> None:
    report = evaluate(data, data, evaluator=lambda *_: {"a": 0.1})

    path = report.write(tmp_path / "report.json")

    assert read_report(path) == report
    assert read_report(path).digest == report.digest
    assert [file.name for file in tmp_path.iterdir() if "part" in file.name] == []
    for text in ("", "[]", "{}", '{"schema_version": 1}', '{"schema_version": 2}', "{nan"):
        path.write_text(text)
        with pytest.raises(Invalid):
            read_report(path)
    path.write_text(json.dumps(dict(report.document)).replace("0.1", "NaN"))
    with pytest.raises(Invalid):
        read_report(path)


def test_the_sections_of_a_report_leave_nothing_empty(model: Path, data: Path) -> None:
    report = evaluate(
        model, data, target="churned", slice_by=["sex"], group_by=["sex"], **FEATURES, **PICKLE
    )
    least = EvaluationReport(
        {
            "schema_version": 1,
            "evaluator": {"name": "m\x1b[31m"},
            "dataset": {"name": "d"},
            "metrics": {},
            "evaluated_at": "2026-01-01T00:00:00Z",
        }
    )

    titles = [section.title for section in report_sections(report.document)]

    assert titles == [
        "Evaluation", "Metrics", "Confusion matrix", "By sex", "Fairness by sex",
        "Differences by sex", "Notes",
    ]  # fmt: skip
    (only,) = report_sections(least.document)
    assert "\x1b" not in str(only.rows)


def test_what_was_chosen_of_a_data_set_stays_chosen(model: Path, data: Path) -> None:
    dataset = load_dataset(data, target="churned").shown(["age", "calls"], ())

    found = evaluate(model, dataset, **PICKLE)

    assert found.metrics["accuracy"] == 1
    assert found.document["evaluator"]["parameters"] == {"allow_pickle": True}
