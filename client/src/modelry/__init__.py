"""Push, find and pull machine-learning models in a Modelry registry."""

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
from modelry.lifecycles import Lifecycle
from modelry.progress import Snapshot
from modelry.promotions import Promotion, Standing
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
from modelry.searches import Found
from modelry.version import VERSION

__version__ = VERSION

__all__ = [
    "Alias",
    "Approval",
    "Artifact",
    "Change",
    "ComplianceReport",
    "Conflict",
    "Damaged",
    "Deployment",
    "DeprecatedVersion",
    "Environment",
    "Evaluation",
    "EvaluationReport",
    "Event",
    "Facet",
    "FieldChange",
    "Forbidden",
    "Found",
    "Grant",
    "Identity",
    "Invalid",
    "Lifecycle",
    "Model",
    "Modelry",
    "ModelryError",
    "Namespace",
    "NotFound",
    "NotSignedIn",
    "Promotion",
    "Pulled",
    "Reference",
    "Retention",
    "Schema",
    "ServeRecord",
    "Snapshot",
    "Stale",
    "Standing",
    "Target",
    "TooLarge",
    "Unavailable",
    "Version",
    "parse_reference",
]
