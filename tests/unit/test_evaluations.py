"""Evaluation reports are held to their form, and an evaluation to its version."""

import copy
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.documents import MAX_DOCUMENT_BYTES
from core.domain.evaluations import (
    AHEAD,
    Dataset,
    Evaluation,
    evaluate,
    last_evaluation_id,
)
from core.domain.records import record, restore
from core.domain.reports import MAX_METRICS, MAX_POINTS, canonical, check_report
from core.domain.subjects import subject_of
from core.domain.versions import VersionState
from core.errors import Conflict, Invalid, TooLarge
from tests.contract.entities import NOW, digest, evaluation, later, version

DIGEST = f"sha256:{digest('files')}"
REPORT: dict[str, Any] = {
    "schema_version": 1,
    "task": "classification",
    "evaluator": {"name": "sklearn", "version": "1.6", "parameters": {"positive": "yes"}},
    "dataset": {
        "name": "holdout",
        "version": "2026-11",
        "digest": "sha256:aa",
        "uri": "s3://lake/holdout.csv",
        "size_bytes": 100,
        "rows": 10,
        "target": "churned",
    },
    "model": {"digest": DIGEST, "file_count": 1, "size_bytes": 5},
    "metrics": {"accuracy": 0.9, "rows": 10},
    "confusion_matrix": {"labels": ["no", "yes"], "matrix": [[5, 1], [0, 4]]},
    "curves": [{"name": "roc", "label": "yes", "x": [0, 1], "y": [0, 1], "thresholds": [None, 0]}],
    "slices": [{"column": "plan", "value": None, "rows": 3, "metrics": {"accuracy": 1}}],
    "fairness": [
        {
            "column": "sex",
            "groups": [{"value": "f", "rows": 5, "metrics": {"selection_rate": 0.4}}],
            "differences": {"demographic_parity_difference": 0.1},
        }
    ],
    "code": {"commit": "abc", "dirty": False},
    "environment": {"python": "3.12", "packages": {"numpy": "2"}},
    "evaluated_at": "2026-05-06T07:00:00Z",
    "duration_seconds": 1.5,
    "mine": {"anything": [1, None]},
}


def changed(**parts: Any) -> dict[str, Any]:
    whole = copy.deepcopy(REPORT)
    whole.update(parts)
    return {name: value for name, value in whole.items() if value is not ...}


def made(report: Any = REPORT, **fields: Any) -> Evaluation:
    of = version(7, **{"digest": DIGEST, **fields})
    return evaluate(of, report, at=NOW, by="subject:dev:alice")[0]


def test_an_evaluation_is_the_short_part_of_its_report() -> None:
    found, report = evaluate(version(7, digest=DIGEST), REPORT, at=NOW, by="subject:dev:alice")

    assert report.id == found.id
    assert report.document == REPORT
    assert found == Evaluation(
        id=found.id,
        namespace="fraud",
        model="iris",
        number=7,
        dataset=Dataset(
            name="holdout",
            version="2026-11",
            digest="sha256:aa",
            uri="s3://lake/holdout.csv",
            size_bytes=100,
            rows=10,
        ),
        metrics={"accuracy": 0.9, "rows": 10},
        task="classification",
        evaluator="sklearn",
        evaluator_version="1.6",
        model_digest=DIGEST,
        evaluated_at=NOW.replace(minute=0, second=0, microsecond=0),
        duration_seconds=1.5,
        digest=found.digest,
        size_bytes=len(canonical(REPORT)),
        created_at=NOW,
        created_by="subject:dev:alice",
    )
    assert subject_of(found).name == f"fraud/iris/7/{found.id}"


def test_the_least_report_is_enough() -> None:
    least = {
        "schema_version": 1,
        "evaluator": {"name": "mine"},
        "dataset": {"name": "d"},
        "metrics": {},
        "evaluated_at": "2026-05-06T07:08:09Z",
    }

    found = made(least, digest=None)

    assert (found.task, found.model_digest, found.duration_seconds) == ("other", None, None)


BAD: dict[str, tuple[Any, str]] = {
    "no version": (changed(schema_version=...), "schema_version"),
    "another version": (changed(schema_version=2), "schema_version"),
    "an unknown task": (changed(task="magic"), "report.task"),
    "no evaluator": (changed(evaluator=...), "report.evaluator"),
    "no data set": (changed(dataset=...), "report.dataset"),
    "a data set without a name": (changed(dataset={"rows": 1}), "report.dataset.name"),
    "negative rows": (changed(dataset={"name": "d", "rows": -1}), "report.dataset.rows"),
    "no metrics": (changed(metrics=...), "report.metrics"),
    "a metric that is text": (changed(metrics={"a": "1"}), "report.metrics.a"),
    "a metric that is true": (changed(metrics={"a": True}), "report.metrics.a"),
    "no digest": (changed(model={"digest": "md5:0"}), "report.model.digest"),
    "a ragged matrix": (
        changed(confusion_matrix={"matrix": [[1, 2], [3]]}),
        "report.confusion_matrix.matrix.1",
    ),
    "a curve without y": (changed(curves=[{"name": "roc", "x": [0]}]), "report.curves.0.y"),
    "a curve that is uneven": (
        changed(curves=[{"name": "roc", "x": [0], "y": [0, 1]}]),
        "report.curves.0.y",
    ),
    "a curve of too many points": (
        changed(curves=[{"name": "roc", "x": [0] * 1_001, "y": [0] * 1_001}]),
        "report.curves.0.x",
    ),
    "a slice without rows": (
        changed(slices=[{"column": "a", "metrics": {}}]),
        "report.slices.0.rows",
    ),
    "a slice of a map": (
        changed(slices=[{"column": "a", "value": {}, "rows": 1, "metrics": {}}]),
        "report.slices.0.value",
    ),
    "fairness without groups": (
        changed(fairness=[{"column": "a", "differences": {}}]),
        "report.fairness.0.groups",
    ),
    "no time": (changed(evaluated_at=...), "report.evaluated_at"),
    "a time that is none": (changed(evaluated_at="yesterday"), "report.evaluated_at"),
    "a time that is a number": (changed(evaluated_at=1), "report.evaluated_at"),
    "a negative duration": (changed(duration_seconds=-1), "report.duration_seconds"),
    "a commit that is a number": (changed(code={"commit": 1}), "report.code.commit"),
}


@pytest.mark.parametrize(("report", "place"), BAD.values(), ids=BAD.keys())
def test_a_report_that_does_not_fit_is_refused_with_the_place(report: Any, place: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_report(report)

    assert [where for where, _ in refused.value.problems] == [place]
    assert refused.value.next_step


@pytest.mark.parametrize("report", [None, [], "x", 1, {"a": float("nan")}, {"": 1}, {"a": "\0"}])
def test_what_is_no_document_is_no_report(report: Any) -> None:
    with pytest.raises(Invalid):
        check_report(report)


@pytest.mark.parametrize(
    "report",
    [
        changed(metrics={"a": float("inf")}),
        changed(metrics={"a\nb": 1}),
        changed(dataset={"name": "a\u202eb"}),
        changed(dataset={"name": "x" * 256}),
        changed(evaluator={"name": "a\tb"}),
    ],
)
def test_numbers_and_names_that_nobody_can_read_are_refused(report: Any) -> None:
    with pytest.raises(Invalid):
        check_report(report)


@pytest.mark.parametrize(
    "report",
    [
        changed(metrics={str(at): 1 for at in range(MAX_METRICS + 1)}),
        changed(curves=[{"name": "a", "x": [], "y": []}] * 101),
        changed(slices=[{"column": "a", "rows": 1, "metrics": {}}] * 1_001),
        changed(mine="x" * MAX_DOCUMENT_BYTES),
        changed(mine=[0] * 50_000),
    ],
)
def test_what_is_too_large_is_refused(report: Any) -> None:
    with pytest.raises(TooLarge):
        check_report(report)


def test_a_curve_may_have_as_many_points_as_are_kept() -> None:
    points = [0.5] * MAX_POINTS

    assert check_report(changed(curves=[{"name": "roc", "x": points, "y": points}]))


def test_a_report_of_other_files_is_refused() -> None:
    with pytest.raises(Conflict, match="other files"):
        made(digest=f"sha256:{digest('others')}")
    with pytest.raises(Conflict, match="other files"):
        made(digest=None)


def test_a_version_that_was_given_up_is_not_evaluated() -> None:
    with pytest.raises(Conflict, match="abandoned"):
        made(state=VersionState.ABANDONED)


def test_an_evaluation_was_never_made_after_it_was_registered() -> None:
    ahead = NOW + AHEAD
    found = made(changed(evaluated_at=f"{ahead:%Y-%m-%dT%H:%M:%S}Z"))

    assert found.evaluated_at == NOW
    with pytest.raises(Invalid, match="yet to come"):
        made(changed(evaluated_at=f"{ahead + timedelta(seconds=1):%Y-%m-%dT%H:%M:%S}Z"))


def test_the_digest_is_over_the_json_with_sorted_keys() -> None:
    text = json.dumps(REPORT, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert made().digest == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    assert made(dict(reversed(REPORT.items()))).digest == made().digest
    assert made(changed(duration_seconds=1.6)).digest != made().digest


def test_ids_sort_by_time_and_tell_versions_apart() -> None:
    of = [version(number, digest=DIGEST) for number in (1, 2)]

    def id_of(number: int, seconds: int) -> str:
        return evaluate(of[number], REPORT, at=later(seconds), by="x")[0].id

    assert id_of(0, 0) < id_of(0, 1) < id_of(0, 400_000)
    assert id_of(0, 0) != id_of(1, 0)
    assert id_of(0, 0) == id_of(0, 0)
    assert id_of(0, 0) < last_evaluation_id(later(0)) < id_of(0, 1)


def test_an_evaluation_is_the_same_after_it_was_recorded() -> None:
    found = made()

    assert restore(Evaluation, record(found)) == found


@pytest.mark.parametrize("metrics", [{"a": True}, {"a": "x"}, {"a": float("nan")}, {"": 1}])
def test_what_is_stored_has_numbers_for_metrics(metrics: Any) -> None:
    with pytest.raises(Invalid):
        evaluation(metrics=metrics)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.sampled_from(sorted(REPORT)), _JSON)
def test_whatever_stands_in_a_place_it_fits_or_is_refused(name: str, value: Any) -> None:
    report = changed(**{name: value})

    try:
        found = made(report)
    except (Invalid, TooLarge, Conflict):
        return

    assert restore(Evaluation, record(found)) == found
    assert found.evaluated_at <= found.created_at
