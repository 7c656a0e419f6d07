"""Evaluations as JSON."""

from typing import Any

from core.domain.evaluations import Evaluation
from core.domain.records import record
from core.services.evaluations import RegisteredEvaluation


def evaluation(entity: Evaluation) -> dict[str, Any]:
    """An evaluation without its report."""
    return {
        "id": entity.id,
        "namespace": entity.namespace,
        "model": entity.model,
        "number": entity.number,
        "task": entity.task,
        "dataset": record(entity.dataset),
        "metrics": entity.metrics,
        "evaluator": {"name": entity.evaluator, "version": entity.evaluator_version},
        "model_digest": entity.model_digest,
        "evaluated_at": entity.evaluated_at,
        "duration_seconds": entity.duration_seconds,
        "digest": entity.digest,
        "size_bytes": entity.size_bytes,
        "created_at": entity.created_at,
        "created_by": entity.created_by,
        "revision": entity.revision,
    }


def reported(done: RegisteredEvaluation) -> dict[str, Any]:
    """An evaluation with its whole report, as it was sent."""
    return {**evaluation(done.evaluation), "report": done.report.document}
