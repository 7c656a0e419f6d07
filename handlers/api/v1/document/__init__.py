"""Types of the native dialect's answers, for its OpenAPI document alone; no function loads them."""

from pydantic import BaseModel

from handlers.api.v1.document.access import AccessEntry, Explanation
from handlers.api.v1.document.access_tokens import AccessToken, NewAccessToken
from handlers.api.v1.document.aliases import Alias
from handlers.api.v1.document.approvals import Approval, ApprovalReview
from handlers.api.v1.document.artifacts import Artifact
from handlers.api.v1.document.checkpoints import Checkpoint, CheckpointDocument, Proof
from handlers.api.v1.document.common import Found, Page, Problem
from handlers.api.v1.document.comparisons import Comparison
from handlers.api.v1.document.compliance import ComplianceReport
from handlers.api.v1.document.deployments import Deployment, ServeRecord, Target
from handlers.api.v1.document.environments import Environment
from handlers.api.v1.document.evaluations import Evaluation, ReportedEvaluation
from handlers.api.v1.document.events import Event
from handlers.api.v1.document.experiments import Experiment
from handlers.api.v1.document.grants import Grant
from handlers.api.v1.document.history import Change, Diff
from handlers.api.v1.document.identities import Caller
from handlers.api.v1.document.lifecycles import Lifecycle, Standing
from handlers.api.v1.document.logged_files import LoggedEntry, LoggedSending
from handlers.api.v1.document.logged_models import LoggedModel
from handlers.api.v1.document.models import RegisteredModel
from handlers.api.v1.document.namespaces import Namespace
from handlers.api.v1.document.policies import Retention, RuleSets
from handlers.api.v1.document.promotions import Crossing
from handlers.api.v1.document.publishers import Publisher
from handlers.api.v1.document.runs import (
    BestRuns,
    Logged,
    MetricPoint,
    Plots,
    Run,
    RunComparison,
)
from handlers.api.v1.document.schemas import Schema
from handlers.api.v1.document.service_accounts import ServiceAccount
from handlers.api.v1.document.uploads import Completion, SignedParts, Upload
from handlers.api.v1.document.versions import Download, File, ModelVersion
from handlers.api.v1.document.webhooks import Delivery, NewWebhook, Pinged, Webhook

_SEARCHED = (RegisteredModel, ModelVersion, Artifact, Experiment, Run, LoggedModel)
_LISTED = (
    Namespace, RegisteredModel, ModelVersion, Artifact, File, Download, Alias, Grant, Schema, Event,
    Change, Approval, Evaluation, Checkpoint, Environment, Deployment, ServeRecord,
    AccessEntry, AccessToken, Publisher, ServiceAccount,
    Standing,
    Experiment, Run, LoggedModel, MetricPoint, LoggedEntry,
    Webhook, Delivery,
)  # fmt: skip

ANSWERS: tuple[type[BaseModel], ...] = (
    Problem,
    *_LISTED,
    *(type(f"{of.__name__}Page", (Page[of],), {}) for of in _LISTED),  # type: ignore[valid-type]  # made from the table
    ApprovalReview,
    Upload,
    SignedParts,
    LoggedSending,
    Completion,
    *(type(f"{of.__name__}Search", (Found[of],), {}) for of in _SEARCHED),  # type: ignore[valid-type]  # made from the table
    Comparison,
    Lifecycle,
    Crossing,
    ReportedEvaluation,
    Caller,
    Explanation,
    NewAccessToken,
    Diff,
    Retention,
    RuleSets,
    ComplianceReport,
    CheckpointDocument,
    Proof,
    Target,
    NewWebhook,
    Pinged,
    BestRuns,
    RunComparison,
    Logged,
    Plots,
)
