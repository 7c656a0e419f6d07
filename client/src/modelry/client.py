"""The SDK's face: one object with everything that a registry can be asked."""

from typing import Self

from modelry.access import Access
from modelry.access_tokens import AccessTokens
from modelry.aliases import Aliases
from modelry.approvals import Approvals
from modelry.artifacts import Artifacts
from modelry.audit import Audit
from modelry.comparisons import Comparisons
from modelry.compliance import Compliance
from modelry.deletions import Deletions
from modelry.deployments import Deployments
from modelry.environments import Environments
from modelry.evaluations import Evaluations
from modelry.evidence import Evidence
from modelry.history import History
from modelry.holds import Holds
from modelry.imports import Imports
from modelry.lifecycles import Lifecycles
from modelry.logged_files import LoggedFiles
from modelry.logged_models import LoggedModels
from modelry.metrics import Metrics
from modelry.models import Models
from modelry.moves import Moves
from modelry.namespaces import Namespaces
from modelry.promotions import Promotions
from modelry.publishers import Publishers
from modelry.retirements import Retirements
from modelry.schemas import Schemas
from modelry.searches import Searches
from modelry.versions import Versions
from modelry.webhooks import Webhooks


class Modelry(
    Namespaces,
    Access,
    Publishers,
    AccessTokens,
    Models,
    Imports,
    Versions,
    Searches,
    Artifacts,
    Comparisons,
    Evaluations,
    Aliases,
    Lifecycles,
    Promotions,
    Approvals,
    History,
    Deletions,
    Retirements,
    Holds,
    Compliance,
    Evidence,
    Schemas,
    Environments,
    Deployments,
    Audit,
    LoggedModels,
    Metrics,
    LoggedFiles,
    Moves,
    Webhooks,
):
    """A registry as one caller sees it; safe to share among threads.

    The registry is `url`, MODELRY_URL, or the one signed in to last. The token is `token`, one
    of the environment (`modelry.tokens`), or that of `modelry login`. Models are named by text:
    `MODEL`, `NAMESPACE/MODEL`, and for a version `…@alias`, `…:3`, `…:latest`,
    `…:stage:Production`, `…@sha256:…`. With `as_of` (a datetime, or text as RFC 3339 has it) a
    read answers what was true then.
    Lists are lazy: pages are asked for as they are iterated. Errors are `ModelryError`s.
    """

    def __enter__(self) -> Self:
        return self
