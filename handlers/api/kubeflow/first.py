"""The first generation of the dialect, `v1alpha3`: it has experiments and their runs as well."""

import re

from core.registry import Registry
from handlers.api.groups import GroupedApi
from handlers.api.kubeflow.app import GROUPS, app_of

FIRST_GROUPS = {
    **GROUPS,
    "experiments": re.compile("/experiments?|/experiments/[^/]+"),
    "metric_histories": re.compile(
        "/experiment_runs/metric_history|/experiment_runs/[^/]+/metric_history"
    ),
    "run_artifacts": re.compile("/experiment_runs/[^/]+/artifacts"),
    "experiment_runs": re.compile(
        "/experiment_runs?|/experiment_runs/[^/]+|/experiments/[^/]+/experiment_runs"
    ),
}
"""Those of both generations, and those that are this one's; the first that fits a path has it."""


def create_app(registry: Registry) -> GroupedApi:
    """The generation over a registry."""
    return app_of(FIRST_GROUPS, registry)
