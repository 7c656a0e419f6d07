"""Evaluating a model on this machine, before anybody else sees it.

`evaluate` runs an evaluator on a model directory and a data set and makes a report, which `push`
registers with the version. Nothing here asks a registry. Needs scikit-learn where an evaluator
leaves the metrics to it: `pip install 'modelry[evaluate]'`.
"""

from modelry.evaluation.datasets import Dataset, load_dataset
from modelry.evaluation.evaluators import Evaluator, evaluator_names, find_evaluator
from modelry.evaluation.findings import Findings, Predictions
from modelry.evaluation.reports import EvaluationReport, read_report
from modelry.evaluation.running import evaluate

__all__ = [
    "Dataset",
    "EvaluationReport",
    "Evaluator",
    "Findings",
    "Predictions",
    "evaluate",
    "evaluator_names",
    "find_evaluator",
    "load_dataset",
    "read_report",
]
