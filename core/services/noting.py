"""Noting metric points: of a run, and of the logged models that they are said of. Points are facts
without events; whatever is done here may be done again."""

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.domain.logged_models import LoggedModel, Measurement, with_measurements
from core.domain.metrics import (
    MAX_BATCH,
    SUMMARISED_FROM,
    MetricPoint,
    summaries,
)
from core.domain.runs import Run, with_points
from core.errors import Unavailable
from core.ports import Database
from core.services.lookups import logged_model_of, run_of

LOOKED_AT = 5_000
"""How many points or summaries are looked at to draw one metric."""

_TRIES = 40


def note_points(database: Database, run: Run, noted: Sequence[MetricPoint]) -> Run:
    """Note points of the run, in order of their keys and places.

    Raises `TooLarge`, `NotFound`, and `Unavailable` if too many others do the same at once.
    """
    keys = sorted({point.key for point in noted})
    if not keys:
        return run
    for attempt in range(_TRIES):
        changes = with_points(run, noted)
        if attempt == 0:
            database.metrics.insert(noted)
        _summarise(database, run, changes["latest"], noted)
        after = replace(
            run,
            metrics={**run.metrics, **changes["metrics"]},
            latest={**run.latest, **changes["latest"]},
            logged=changes["logged"],
        )
        if database.runs.note(after, keys):
            return after
        _wait(attempt)
        run = run_of(database, run.namespace, str(run.id))
    raise Unavailable(f"Too many others log to the run {run.id} at once.")


def note_measurements(
    database: Database, model: LoggedModel, measurements: Sequence[Measurement]
) -> LoggedModel:
    """Note what was measured of the model. Raises as `note_points` does."""
    if not measurements:
        return model
    for attempt in range(_TRIES):
        metrics, measured = with_measurements(model, measurements)
        if not measured:
            return model
        after = replace(
            model,
            metrics={**model.metrics, **metrics},
            measured={**model.measured, **measured},
            logged=model.logged + 1,
        )
        if database.logged_models.note(after, sorted(measured)):
            return after
        _wait(attempt)
        model = logged_model_of(database, model.namespace, str(model.id))
    raise Unavailable(f"Too many others measure the model {model.model_id} at once.")


def _wait(attempt: int) -> None:
    time.sleep(random.random() * min(0.002 * (attempt + 1), 0.05))


def _summarise(
    database: Database, run: Run, latest: Mapping[str, Any], points: Sequence[MetricPoint]
) -> None:
    """Keep the summaries of long histories true: when one becomes long, of all its points."""
    wanted: list[MetricPoint] = []
    for key, facts in latest.items():
        if not facts["summarised"]:
            continue
        if run.latest.get(key, {}).get("summarised"):
            wanted += [point for point in points if point.key == key]
        else:
            limit = SUMMARISED_FROM + MAX_BATCH + LOOKED_AT
            wanted += database.metrics.page(run.id, key, limit=limit)
    database.metrics.summarise(summaries(wanted))
