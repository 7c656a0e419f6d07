"""Trusted publishers: workloads that may act here, told by the claims of their platform's token.

A publisher is a table of claims. A token passes only if it has every claim of the table, of the
same type and with the same value; what is missing or unknown never passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from core.domain.access import NAMESPACE_ROLES, PERMISSIONS, Action, Role
from core.domain.grants import check_scope
from core.domain.names import check_label, check_namespace_name, check_text
from core.domain.rules import Origin, Rule, scope_of
from core.errors import Invalid

ClaimValue = str | bool | int

MAX_CLAIM_CHARACTERS = 512
MAX_CLAIMS = 20


class Platform(StrEnum):
    """Whose tokens these are, and so which claims they have."""

    GITHUB = "github"
    GITLAB = "gitlab"
    KUBERNETES = "kubernetes"
    CUSTOM = "custom"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a platform's table must and may hold.

    All of `identity` must be there: names as people know them, and the ids that no other owner of
    a freed name ever has. One of `narrowing` at least must be: which of the workload's runs are
    meant. `further` may be. Those of `beginnings` may end in `*`, after the text that is given.
    `anchor` are the claims by which a publisher is found.
    """

    anchor: tuple[str, ...]
    identity: frozenset[str]
    narrowing: frozenset[str] = frozenset()
    further: frozenset[str] = frozenset()
    beginnings: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> frozenset[str]:
        """Every claim that a table may hold."""
        return self.identity | self.narrowing | self.further


PLATFORMS: dict[Platform, Claims] = {
    Platform.GITHUB: Claims(
        anchor=("repository_id",),
        identity=frozenset({"repository", "repository_id", "repository_owner_id"}),
        narrowing=frozenset({"ref", "environment", "job_workflow_ref", "workflow_ref"}),
        further=frozenset(
            {"repository_owner", "ref_type", "ref_protected", "event_name", "runner_environment"}
            | {"actor_id", "repository_visibility"}
        ),
        beginnings={"ref": "refs/", "job_workflow_ref": "@", "workflow_ref": "@"},
    ),
    Platform.GITLAB: Claims(
        anchor=("project_id",),
        identity=frozenset({"project_path", "project_id", "namespace_id"}),
        narrowing=frozenset({"ref", "ref_protected", "environment", "ci_config_ref_uri"}),
        further=frozenset(
            {"namespace_path", "ref_type", "pipeline_source", "environment_protected", "user_id"}
            | {"deployment_tier", "runner_environment"}
        ),
        beginnings={"ci_config_ref_uri": "@"},
    ),
    Platform.KUBERNETES: Claims(
        anchor=("kubernetes.io/namespace", "kubernetes.io/serviceaccount/name"),
        identity=frozenset({"kubernetes.io/namespace", "kubernetes.io/serviceaccount/name"}),
        further=frozenset({"kubernetes.io/serviceaccount/uid"}),
    ),
    Platform.CUSTOM: Claims(anchor=("sub",), identity=frozenset({"sub"})),
}
"""Of a wildcard, the fixed beginning must hold this text: a ref keeps its kind (`refs/tags/v*`),
a workflow its repository and file (`…/release.yml@refs/tags/*`). What says who it is has none."""

_ROLES = NAMESPACE_ROLES - {Role.OWNER}
_ACTIONS = frozenset().union(*(PERMISSIONS[role] for role in _ROLES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Publisher:
    """A workload of `issuer` whose token has these claims may do, in the namespace or to its one
    `model`, what `role` permits and the `actions` named, until `expires_at`.

    A workload never changes who may do what: the role owner and its actions are refused.
    """

    namespace: str
    name: str
    model: str | None = None
    issuer: str
    platform: Platform
    claims: Mapping[str, ClaimValue]
    role: Role | None = None
    actions: tuple[Action, ...] = ()
    expires_at: datetime | None = None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int = 1

    def __post_init__(self) -> None:
        check_namespace_name(self.namespace)
        check_scope(self.scope)
        check_label("publisher", self.name)
        _check_claims(self.platform, self.claims)
        if self.role is not None and self.role not in _ROLES:
            raise Invalid(
                f"A publisher cannot have the role {self.role}.",
                next_step=f"Choose one of: {', '.join(sorted(_ROLES))}.",
            )
        if refused := sorted(set(self.actions) - _ACTIONS):
            raise Invalid(
                f"A publisher cannot be allowed {', '.join(refused)}.",
                next_step=f"Choose from: {', '.join(sorted(_ACTIONS))}.",
            )
        if self.role is None and not self.actions:
            raise Invalid("It may do nothing.", next_step="Name a role, or actions.")

    @property
    def scope(self) -> str:
        """Where it may do it."""
        return scope_of(self.namespace, self.model)

    @property
    def anchor(self) -> str:
        """Under which it is found: no token of another workload leads to it."""
        return str(anchor_of(self.issuer, self.platform, self.claims))

    def says(self, other: "Publisher") -> bool:
        """Whether both mean the same."""
        return (self.issuer, self.claims, self.rule) == (other.issuer, other.claims, other.rule)

    def passes(self, issuer: str, claims: Mapping[str, ClaimValue]) -> bool:
        """Whether a token of the issuer with these claims is this workload's."""
        return issuer == self.issuer and all(
            name in claims and _equals(wanted, claims[name], name in self._beginnings)
            for name, wanted in self.claims.items()
        )

    @property
    def _beginnings(self) -> Mapping[str, str]:
        return PLATFORMS[self.platform].beginnings

    @property
    def rule(self) -> Rule:
        """What it means for a decision about a token that passes."""
        given = frozenset(self.actions)
        if self.role is not None:
            permitted = PERMISSIONS[self.role]
            given |= permitted if self.model is None else permitted - {Action.MODEL_REGISTER}
        return Rule(
            Origin.PUBLISHER,
            f"{self.namespace} {self.name}",
            self.scope,
            given,
            role=self.role,
            expires_at=self.expires_at,
            because=tuple(f"{name} = {value}" for name, value in sorted(self.claims.items())),
        )


def anchor_of(issuer: str, platform: Platform, claims: Mapping[str, ClaimValue]) -> str | None:
    """Under which the publishers of a token's workload are found; None if it lacks a claim."""
    values = [claims.get(name) for name in PLATFORMS[platform].anchor]
    if not all(isinstance(value, str) and value for value in values):
        return None
    return "\n".join([issuer, *map(str, values)])


def _equals(wanted: ClaimValue, value: ClaimValue, may_begin: bool) -> bool:
    if type(wanted) is not type(value):
        return False
    if may_begin and isinstance(wanted, str) and isinstance(value, str) and wanted.endswith("*"):
        return value.startswith(wanted[:-1])
    return wanted == value


def _check_claims(platform: Platform, claims: Mapping[str, ClaimValue]) -> None:
    rules = PLATFORMS[platform]
    problems = [(name, "is missing") for name in sorted(rules.identity - claims.keys())]
    if platform is not Platform.CUSTOM:
        problems += [
            (name, f"is no claim of {platform}") for name in sorted(claims.keys() - rules.known)
        ]
    if rules.narrowing and not rules.narrowing & claims.keys():
        problems.append(("claims", f"name one of {', '.join(sorted(rules.narrowing))} as well"))
    if len(claims) > MAX_CLAIMS:
        problems.append(("claims", f"at most {MAX_CLAIMS}"))
    for name, value in claims.items():
        check_text("claim's name", name, max_characters=MAX_CLAIM_CHARACTERS)
        if isinstance(value, str):
            check_text(f"claim {name[:60]!a}", value, max_characters=MAX_CLAIM_CHARACTERS)
            if "*" in value and not _is_safe(value, rules.beginnings.get(name)):
                problems.append((name, "cannot have a wildcard there"))
        elif platform is not Platform.CUSTOM:
            problems.append((name, "is text on this platform"))
    if problems:
        raise Invalid(
            f"These claims do not tell one workload of {platform} from all others.",
            next_step="Name what the platform vouches for, ids too: names can be taken by others.",
            problems=problems,
        )


def _is_safe(value: str, needed: str | None) -> bool:
    beginning = value[:-1]
    if needed is None or not value.endswith("*") or "*" in beginning:
        return False
    if needed == "refs/":  # of refs, their kind stays: refs/heads/… or refs/tags/…
        return beginning.startswith(("refs/heads/", "refs/tags/"))
    return needed in beginning
