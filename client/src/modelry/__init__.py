"""Push, find and pull machine-learning models in a Modelry registry."""

from modelry.access import AccessEntry, Explanation
from modelry.access_tokens import AccessToken, ServiceAccount
from modelry.approvals import Approval
from modelry.client import Modelry
from modelry.compliance import ComplianceReport, Retention
from modelry.deployments import Deployment, ServeRecord, Target
from modelry.environments import Environment
from modelry.errors import (
    Conflict,
    Damaged,
    Forbidden,
    Invalid,
    ModelryError,
    NotFound,
    NotSignedIn,
    Stale,
    TooLarge,
    Unavailable,
)
from modelry.evaluation.reports import EvaluationReport
from modelry.evaluations import Evaluation
from modelry.experiments import Experiment
from modelry.lifecycles import Lifecycle
from modelry.logged_models import LoggedModel
from modelry.metrics import ActiveRun, Bucket, MetricPoint
from modelry.progress import Snapshot
from modelry.promotions import Promotion, Standing
from modelry.publishers import Publisher
from modelry.records import (
    Alias,
    Artifact,
    Change,
    Event,
    Facet,
    FieldChange,
    Grant,
    Identity,
    Model,
    Namespace,
    Pulled,
    Schema,
    Version,
)
from modelry.references import Reference, parse_reference
from modelry.retirements import DeprecatedVersion
from modelry.runs import Run, RunFile
from modelry.searches import Found
from modelry.version import VERSION

__version__ = VERSION
from modelry.webhooks import Delivery, Webhook

__all__ = [
    "AccessEntry",
    "AccessToken",
    "ActiveRun",
    "Alias",
    "Approval",
    "Artifact",
    "Bucket",
    "Change",
    "ComplianceReport",
    "Conflict",
    "Damaged",
    "Delivery",
    "Deployment",
    "DeprecatedVersion",
    "Environment",
    "Evaluation",
    "EvaluationReport",
    "Event",
    "Experiment",
    "Explanation",
    "Facet",
    "FieldChange",
    "Forbidden",
    "Found",
    "Grant",
    "Identity",
    "Invalid",
    "Lifecycle",
    "LoggedModel",
    "MetricPoint",
    "Model",
    "Modelry",
    "ModelryError",
    "Namespace",
    "NotFound",
    "NotSignedIn",
    "Promotion",
    "Publisher",
    "Pulled",
    "Reference",
    "Retention",
    "Run",
    "RunFile",
    "Schema",
    "ServeRecord",
    "ServiceAccount",
    "Snapshot",
    "Stale",
    "Standing",
    "Target",
    "TooLarge",
    "Unavailable",
    "Version",
    "Webhook",
    "parse_reference",
]
