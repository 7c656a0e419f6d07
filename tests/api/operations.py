"""Every operation of the API in a form that succeeds, on a registry prepared for it."""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any

from core.domain import files
from core.domain.access import Role, system_caller
from core.domain.lifecycles import Transition
from core.domain.logged_files import FileOwner, OwnerKind
from core.domain.pages import PageRequest
from core.domain.versions import ByNumber
from core.errors import Forbidden
from handlers.api.openapi import generate
from tests.api.client import Api, bearer, declared
from tests.builders import ADMIN, World, evaluation_report

# Bodies and queries that make an operation good.
CLAIMS = {
    "repository": "acme/fraud",
    "repository_id": "1",
    "repository_owner_id": "2",
    "ref": "refs/heads/main",
}
BODY: dict[str, Any] = {
    "create_namespace": {"name": "team"},
    "update_namespace": {"owner": "x"},
    "put_grant": {"grantee": "subject:dev:bob", "role": "reader"},
    "create_token": {"name": "laptop", "scope": "default"},
    "create_service_account": {"name": "nightly"},
    "create_account_token": {"name": "second"},
    "put_publisher": {"issuer": "github", "claims": CLAIMS, "role": "writer"},
    "put_schema": {"document": {"required": ["license"]}},
    "put_system_grant": {"grantee": "subject:dev:bob", "role": "auditor"},
    "register_model": {"name": "lilies"},
    "update_model": {"owner": "x"},
    "register_version": {"files": [declared("new", b"new")]},
    "register_evaluation": evaluation_report(notes="another"),
    "update_version": {"owner": "x"},
    "sign_parts": {"path": "large", "parts": [{"number": 1, "sha256": "0" * 64}]},
    "put_lifecycle": {
        "stages": [{"name": "Draft"}, {"name": "Live", "holds": "one", "alias": "live"}],
        "transitions": [{"from": "Draft", "to": "Live"}],
    },
    "promote_version": {"to": "Staging"},
    "roll_back": {"alias": "old"},
    "point_alias": {"version": "1"},
    "attach_artifact": {"name": "card", "kind": "document", "uri": "https://host/card"},
    "register_artifact": {"name": "card", "kind": "document", "uri": "https://host/card"},
    "update_artifact": {"description": "x"},
    "create_experiment": {"name": "second"},
    "update_experiment": {"name": "renamed"},
    "create_run": {"name": "try", "parameters": {"lr": 0.1}},
    "update_run": {"status": "finished"},
    "log_parameters": {"parameters": {"depth": 3}},
    "link_run": {"inputs": [{"kind": "dataset", "name": "iris", "digest": "sha256:0"}]},
    "send_run_file": {"path": "plots/roc.png"},
    "create_logged_model": {"name": "net", "run": "1", "parameters": {"lr": 0.1}},
    "update_logged_model": {"status": "ready"},
    "log_model_parameters": {"parameters": {"depth": 3}},
    "rename_model": {"name": "renamed"},
    "log_metrics": {"points": [{"key": "loss", "value": "NaN", "step": 2}]},
    "create_environment": {"name": "staging", "kind": "triton"},
    "update_environment": {"kind": "vllm"},
    "create_deployment": {"environment": "prod", "model": "iris", "follows": "@champion"},
    "update_deployment": {"desired_state": "undeployed"},
    "create_serve_record": {"number": 1, "state": "running", "endpoint": "https://iris.test/v2"},
    "deprecate_version": {"note": "old"},
    "retire_version": {},
    "request_approval": {"to": "Archived"},
    "comment_on_approval": {"text": "well"},
    "create_webhook": {"name": "chat", "target": "https://example.com/hook"},
    "update_webhook": {"events": ["version.ready"]},
    "rotate_webhook_secret": {},
    "put_retention": {"grace_days": 30, "keep": [{"days": 3650, "risk_classes": ["high"]}]},
    "put_rule_sets": {"rule_sets": ["gdpr"]},
    "hold_model": {"reference": "case 7", "reason": "why"},
    "hold_version": {"reference": "case 7", "reason": "why"},
}
MOMENT = "2026-01-01T00:00:00Z"
QUERY: dict[str, dict[str, Any]] = {
    "delete_model": {"reason": "why"},
    "delete_version": {"reason": "why"},
    "release_model": {"reason": "why"},
    "release_version": {"reason": "why"},
    "diff_namespace": {"from": MOMENT},
    "diff_model": {"from": MOMENT},
    "diff_version": {"from": MOMENT},
    "diff_alias": {"from": MOMENT},
    "diff_noun": {"from": MOMENT},
    "delete_experiment": {"reason": "why"},
    "delete_run": {"reason": "why"},
    "delete_logged_model": {"reason": "why"},
    "get_best_runs": {"metric": "loss"},
    "compare_runs": {"run": ["1", "2"]},
    "page_metric_history": {"key": "loss"},
    "get_plots": {"key": ["loss"]},
    "compare_versions": {"version": ["iris:1", "iris@champion"]},
    "can_i": {"action": "model.read", "namespace": "default"},
    "page_audit_events": {"namespace": "default"},
    "get_audit_event": {"namespace": "default"},
    "prove_audit_event": {"namespace": "default"},
    "remove_grant": {"grantee": "group:dev:somebody"},
    "remove_system_grant": {"grantee": "group:dev:somebody"},
}
HELD = {"hold_model", "release_model", "hold_version", "release_version"}
THIRD = {"archive_version", "restore_version", "delete_version"}
DELETED = {"undelete_version"}
OTHER_MODEL = {"undelete_model": "gone", "delete_model": "unused", "rename_model": "unused"}
PENDING = {"open_upload", "sign_parts", "complete_upload", "abandon_upload"}


def operations() -> Iterator[tuple[str, str, str]]:
    """Name, method and path of every operation in the document."""
    for path, methods in generate()["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), path


OPERATIONS = sorted(operations())
NAMES = [name for name, _, _ in OPERATIONS]


def prepared() -> Api:
    """A ready version 1 with an alias, a pending version 2 with a file in parts of 8 bytes, and
    something of everything else. Made once, and copied."""
    made = Api()
    made.world.become(_first(files.PART_BYTES).world)
    return made


@cache
def _first(part_bytes: int) -> Api:
    made = Api()
    registry = made.world.registry
    artifact = {"name": "champion", "kind": "model", "path": "a"}
    made.world.pushed({"a": b"1"}, artifacts=(artifact,))
    registry.schemas.put(ADMIN, "default", "classifier", {"required": ["metrics"]})
    registry.evaluations.register(ADMIN, "default", "iris", ByNumber(1), evaluation_report())
    registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(1))
    made.world.registered({"large": b"0123456789"})
    registry.uploads.open(ADMIN, "default", "iris", 2, PageRequest())
    registry.grants.put(ADMIN, "default", "group:dev:somebody", Role.READER)
    registry.grants.put(ADMIN, "*", "group:dev:somebody", Role.AUDITOR)
    registry.publishers.put(ADMIN, "default", "release", "github", CLAIMS, role=Role.WRITER)
    registry.service_accounts.create(ADMIN, "default", "deployer")
    registry.service_accounts.create_token(ADMIN, "default", "deployer", "first")
    for _ in (3, 4):
        registry.versions.register(ADMIN, "default", "iris", {})
    for number in (3, 1):
        registry.aliases.point(ADMIN, "default", "iris", "old", ByNumber(number))
    registry.deletions.delete_version(ADMIN, "default", "iris", 4, reason="why")
    registry.models.register(ADMIN, "default", "held", {})
    registry.versions.register(ADMIN, "default", "held", {})
    registry.holds.hold_model(ADMIN, "default", "held", reference="case 7", reason="why")
    registry.holds.hold_version(ADMIN, "default", "held", 1, reference="case 7", reason="why")
    registry.models.register(ADMIN, "default", "unused", {})
    registry.models.register(ADMIN, "default", "gone", {})
    registry.deletions.delete_model(ADMIN, "default", "gone", reason="why")
    for name in ("first", "gone"):
        registry.experiments.create(ADMIN, "default", name, {})
    for number in ("1", "2", "3"):
        registry.runs.create(ADMIN, "default", "first", {})
        registry.batches.log(ADMIN, "default", number, [{"key": "loss", "value": 0.5}])
        made.world.blobs.put(FileOwner("default", OwnerKind.RUN, number).key("a"), b"1")
    for _ in range(2):
        registry.logged_models.create(ADMIN, "default", "first", {}, run="1")
    registry.logged_models.delete(ADMIN, "default", "2", reason="why")
    registry.experiments.delete(ADMIN, "default", "gone", reason="why")
    registry.runs.delete(ADMIN, "default", "3", reason="why")
    registry.environments.create(ADMIN, "default", "prod", {}, kind="kserve")
    registry.deployments.create(ADMIN, "default", "prod", "iris", {}, name="web", follows="1")
    registry.serve_records.record(ADMIN, "default", "1", 1, {}, state="new")
    promotions, named = registry.promotions, ("default", "iris", ByNumber(3))
    default = registry.lifecycles.get(ADMIN, "default")
    ways = [*default.transitions, Transition(from_stage="Development", to_stage="Production")]
    registry.lifecycles.put(ADMIN, "default", default.stages, ways)
    promotions.promote(ADMIN, *named, "Production")
    promotions.promote(ADMIN, *named, "Staging")
    promotions.promote(ADMIN, *named, "Development")
    change: Any = {"description": "x"}
    registry.namespaces.update(ADMIN, "default", change, expected_revision=None)
    registry.models.update(ADMIN, "default", "iris", change, expected_revision=None)
    registry.versions.update(ADMIN, "default", "iris", ByNumber(1), change, expected_revision=None)
    registry.approvals.request(ADMIN, "default", "iris", 1, to_stage="Staging")
    told: Any = {"name": "first", "target": "https://example.com/", "events": ("namespace.*",)}
    registry.webhooks.create(ADMIN, "default", told)
    made.world.clock.advance(seconds=1)
    change = {"description": "y"}
    registry.namespaces.update(ADMIN, "default", change, expected_revision=None)
    registry.relay.deliver(system_caller("relay"))
    registry.sealing.seal(system_caller("sweep"))
    return made


def _token_id(api: Api, name: str, token: str | None) -> str:
    """The service account's token, or one that whoever asks has just made."""
    registry = api.world.registry
    if name == "revoke_account_token":
        page = registry.service_accounts.page_tokens(ADMIN, "default", "deployer", PageRequest())
        return page.items[0].id
    if name == "revoke_token" and token is not None:
        with suppress(Forbidden):
            by = registry.identities.identify(token)
            return registry.access_tokens.create(by, "mine").token.id
    return "0" * 10


def sealed_event(world: World) -> str:
    """The id of an event of `default` that is under a checkpoint."""
    batch = world.database.checkpoints.batch(1)
    assert batch is not None
    events = (world.database.audit.get(each) for each in batch.events)
    return next(each.id for each in events if each and each.namespace == "default")


def ask(api: Api, name: str, method: str, path: str, token: str | None) -> Any:
    """The operation in a form that would succeed, with this token."""
    number = "2" if name in PENDING else "3" if name in THIRD else "4" if name in DELETED else "1"
    (approval,) = api.world.database.approvals.waiting("default", after=None, limit=9)
    delivery = next(iter(api.world.database._tables.deliveries.values()))
    model = OTHER_MODEL.get(name, "held" if name in HELD else "iris")
    address = path.format(
        namespace="default",
        model=model,
        version=number,
        number=number,
        name="champion",
        path="a",
        stage="Production",
        publisher_name="release",
        account="deployer",
        token_id=_token_id(api, name, token),
        artifact_id="1",
        environment="prod",
        deployment="1",
        noun="environments",
        experiment="gone" if name == "undelete_experiment" else "first",
        logged_model="2" if name == "undelete_logged_model" else "1",
        run="3" if name == "undelete_run" else "1",
        model_type="classifier",
        webhook_id=delivery.webhook_id,
        event_id=delivery.event_id,
        approval=approval.id,
        event=sealed_event(api.world),
        evaluation=api.world.database.evaluations.of("default", "iris", [1])[0].id,
    )
    body = BODY.get(name)
    if name in {"approve_transition", "reject_transition"}:
        body = {"digest": approval.digest}
    if token is None:
        api.headers.pop("Authorization", None)
    headers = {**(bearer(token) if token else {}), "If-Match": "*"}
    if name == "point_alias":
        del headers["If-Match"]
    return api.request(
        method, f"/api/v1{address}", json=body, params=QUERY.get(name), headers=headers
    )
