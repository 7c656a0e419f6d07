"""Every operation for every role, in one table; a new operation without a row fails."""

import inspect
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, get_type_hints

import pytest

from core.bootstrap import bundle
from core.domain.access import Caller, Role, system_caller
from core.domain.approvals import Verdict
from core.domain.handovers import FromVersion
from core.domain.logged_files import FileOwner, OwnerKind
from core.domain.pages import PageRequest
from core.domain.retention_rules import RetentionRules
from core.domain.subjects import model_subject
from core.domain.versions import ByNumber
from core.errors import Forbidden, NotFound
from core.services.comparisons import Named
from core.services.search import Question
from handlers.api.v1.app import GROUPS, router_of
from tests.api.client import Api, bearer, problem
from tests.api.operations import NAMES, OPERATIONS, ask, prepared
from tests.builders import World, caller, settings

COLUMNS = ("reader", "writer", "approver", "owner", "admin", "auditor")

# What each role is answered on an operation that is otherwise good: yes, or 403.
TABLE = """
whoami               reader writer approver owner admin auditor
page_namespaces      reader writer approver owner admin auditor
create_namespace     -      -      -        -     admin -
get_namespace        reader writer approver owner admin auditor
update_namespace     -      -      -        owner admin -
page_grants          -      -      -        owner admin auditor
put_grant            -      -      -        owner admin -
remove_grant         -      -      -        owner admin -
can_i                reader writer approver owner admin auditor
page_access          -      -      -        owner admin auditor
page_publishers      -      -      -        owner admin auditor
get_publisher        -      -      -        owner admin auditor
put_publisher        -      -      -        owner admin -
remove_publisher     -      -      -        owner admin -
page_tokens          reader writer approver owner admin auditor
create_token         reader writer approver owner admin auditor
revoke_token         reader writer approver owner admin auditor
page_service_accounts  -    -      -        owner admin auditor
create_service_account -    -      -        owner admin -
delete_service_account -    -      -        owner admin -
page_account_tokens    -    -      -        owner admin auditor
create_account_token   -    -      -        owner admin -
revoke_account_token   -    -      -        owner admin -
page_schemas         reader writer approver owner admin auditor
get_schema           reader writer approver owner admin auditor
put_schema           -      -      -        owner admin -
remove_schema        -      -      -        owner admin -
page_artifacts       reader writer approver owner admin auditor
attach_artifact      -      writer -        owner admin -
register_artifact    -      writer -        owner admin -
get_artifact_with_id reader writer approver owner admin auditor
update_artifact      -      writer -        owner admin -
page_artifact_history reader writer approver owner admin auditor
search_artifacts     reader writer approver owner admin auditor
get_artifact         reader writer approver owner admin auditor
page_system_grants   -      -      -        -     admin auditor
put_system_grant     -      -      -        -     admin -
remove_system_grant  -      -      -        -     admin -
get_lifecycle        reader writer approver owner admin auditor
put_lifecycle        -      -      -        owner admin -
page_lifecycle_history reader writer approver owner admin auditor
page_stage_history   reader writer approver owner admin auditor
page_stages          reader writer approver owner admin auditor
promote_version      -      writer approver owner admin -
roll_back            -      writer approver owner admin -
page_models          reader writer approver owner admin auditor
register_model       -      writer -        owner admin -
get_model            reader writer approver owner admin auditor
update_model         -      writer -        owner admin -
page_versions        reader writer approver owner admin auditor
register_version     -      writer -        owner admin -
get_version          reader writer approver owner admin auditor
update_version       -      writer -        owner admin -
page_files           reader writer approver owner admin auditor
page_downloads       reader writer approver owner admin auditor
get_file             reader writer approver owner admin auditor
open_upload          -      writer -        owner admin -
sign_parts           -      writer -        owner admin -
complete_upload      -      writer -        owner admin -
abandon_upload       -      writer -        owner admin -
page_aliases         reader writer approver owner admin auditor
get_alias            reader writer approver owner admin auditor
point_alias          -      writer approver owner admin -
remove_alias         -      writer approver owner admin -
page_evaluations       reader writer approver owner admin auditor
page_model_evaluations reader writer approver owner admin auditor
get_evaluation         reader writer approver owner admin auditor
register_evaluation    -      writer -        owner admin -
compare_versions     reader writer approver owner admin auditor
search_models        reader writer approver owner admin auditor
search_versions      reader writer approver owner admin auditor
page_audit_events    -      -      -        owner admin auditor
get_audit_event      -      -      -        owner admin auditor
prove_audit_event    -      -      -        owner admin auditor
page_checkpoints     -      -      -        -     admin auditor
get_checkpoint       -      -      -        -     admin auditor
page_experiments     reader writer approver owner admin auditor
create_experiment    -      writer -        owner admin -
get_experiment       reader writer approver owner admin auditor
update_experiment    -      writer -        owner admin -
archive_experiment   -      writer -        owner admin -
restore_experiment   -      writer -        owner admin -
delete_experiment    -      -      -        owner admin -
undelete_experiment  -      -      -        owner admin -
get_best_runs        reader writer approver owner admin auditor
page_runs            reader writer approver owner admin auditor
page_run_files       reader writer approver owner admin auditor
get_run_file         reader writer approver owner admin auditor
send_run_file        -      writer -        owner admin -
remove_run_files     -      writer -        owner admin -
create_run           -      writer -        owner admin -
compare_runs         reader writer approver owner admin auditor
get_run              reader writer approver owner admin auditor
update_run           -      writer -        owner admin -
archive_run          -      writer -        owner admin -
restore_run          -      writer -        owner admin -
delete_run           -      writer -        owner admin -
undelete_run         -      writer -        owner admin -
log_parameters       -      writer -        owner admin -
link_run             -      writer -        owner admin -
page_metric_history  reader writer approver owner admin auditor
log_metrics          -      writer -        owner admin -
get_plots            reader writer approver owner admin auditor
search_experiments   reader writer approver owner admin auditor
search_logged_models reader writer approver owner admin auditor
page_logged_models   reader writer approver owner admin auditor
get_logged_model     reader writer approver owner admin auditor
create_logged_model  -      writer -        owner admin -
update_logged_model  -      writer -        owner admin -
log_model_parameters -      writer -        owner admin -
delete_logged_model  -      writer -        owner admin -
undelete_logged_model -     writer -        owner admin -
search_runs          reader writer approver owner admin auditor
page_environments    reader writer approver owner admin auditor
create_environment   -      writer -        owner admin -
get_environment      reader writer approver owner admin auditor
update_environment   -      writer -        owner admin -
page_deployments     reader writer approver owner admin auditor
create_deployment    -      writer -        owner admin -
get_deployment       reader writer approver owner admin auditor
get_target           reader writer approver owner admin auditor
update_deployment    -      writer -        owner admin -
page_serve_records   reader writer approver owner admin auditor
create_serve_record  -      writer -        owner admin -
page_noun_history    reader writer approver owner admin auditor
diff_noun            reader writer approver owner admin auditor
page_events          reader writer approver owner admin auditor
page_webhooks        -      -      -        owner admin auditor
create_webhook       -      -      -        owner admin -
get_webhook          -      -      -        owner admin auditor
update_webhook       -      -      -        owner admin -
delete_webhook       -      -      -        owner admin -
rotate_webhook_secret -     -      -        owner admin -
page_deliveries      -      -      -        owner admin auditor
get_delivery         -      -      -        owner admin auditor
redeliver            -      -      -        owner admin -
ping_webhook         -      -      -        owner admin -
delete_model           -      -      -        owner admin -
rename_model           -      writer -        owner admin -
delete_version         -      -      -        owner admin -
archive_model          -      writer -        owner admin -
restore_model          -      writer -        owner admin -
undelete_model         -      -      -        owner admin -
archive_version        -      writer -        owner admin -
restore_version        -      writer -        owner admin -
page_approvals         reader writer approver owner admin auditor
page_version_approvals reader writer approver owner admin auditor
get_approval           reader writer approver owner admin auditor
page_approval_history  reader writer approver owner admin auditor
request_approval       -      writer -        owner admin -
comment_on_approval    -      writer approver owner admin -
approve_transition     -      -      approver owner admin -
reject_transition      -      -      approver owner admin -
withdraw_approval      -      -      -        owner admin -
deprecate_version      -      writer -        owner admin -
retire_version         -      writer approver owner admin -
undeprecate_version    -      writer -        owner admin -
undelete_version       -      -      -        owner admin -
page_namespace_history reader writer approver owner admin auditor
page_model_history     reader writer approver owner admin auditor
page_version_history   reader writer approver owner admin auditor
page_alias_history     reader writer approver owner admin auditor
diff_namespace         reader writer approver owner admin auditor
diff_model             reader writer approver owner admin auditor
diff_version           reader writer approver owner admin auditor
diff_alias             reader writer approver owner admin auditor
undo_namespace         -      -      -        owner admin -
undo_model             -      writer -        owner admin -
get_compliance         reader writer approver owner admin auditor
get_retention          reader writer approver owner admin auditor
put_retention          -      -      -        owner admin -
get_rule_sets          reader writer approver owner admin auditor
put_rule_sets          -      -      -        owner admin -
hold_model             -      -      -        owner admin -
release_model          -      -      -        owner admin -
hold_version           -      -      -        owner admin -
release_version        -      -      -        owner admin -
undo_version           -      writer -        owner admin -
"""

ALLOWED = {
    name: {role for role in row if role != "-"}
    for name, *row in (line.split() for line in TABLE.strip().splitlines())
}

WITHOUT_TOKEN = {"/openapi.json"}
FOR_ANYBODY = {
    "whoami",
    "can_i",
    "page_tokens",
    "page_namespaces",
    "search_models",
    "search_versions",
    "search_artifacts",
    "search_experiments",
    "search_runs",
    "search_logged_models",
}
OF_ONES_OWN = {"revoke_token"}
EVERYWHERE = {
    "create_namespace",
    "create_token",
    "page_system_grants",
    "put_system_grant",
    "remove_system_grant",
    "page_checkpoints",
    "get_checkpoint",
}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    """A ready version 1 with an alias, a pending version 2 with a file in parts."""
    monkeypatch.setattr("core.domain.files.PART_BYTES", 8)
    return prepared()


def test_the_table_has_a_row_for_every_operation_and_no_other() -> None:
    assert set(NAMES) == set(ALLOWED)
    assert len(NAMES) == len(set(NAMES))


def test_the_document_has_every_route_but_the_one_that_serves_it() -> None:
    routed = {
        (route.path, method)
        for group in GROUPS
        for route in router_of(group).routes
        for method in route.methods
    }

    documented = {(path, method) for _, method, path in OPERATIONS}
    assert {
        (path.replace(":path}", "}"), method)
        for path, method in routed
        if path not in WITHOUT_TOKEN
    } == documented


def test_the_application_serves_nothing_else(api: Api) -> None:
    app = api.app.app.app  # below what watches and what identifies requests

    assert {route.path for route in app.routes} == {
        "/health",
        "/livez",
        "/readyz",
        "/.well-known/oauth-protected-resource",
        "/.well-known/modelry-audit-keys",
        "/api/v1",
        *(
            f"{prefix}/api/model_registry/{generation}"
            for prefix in ("", "/ns/{namespace}")
            for generation in ("v1", "v1alpha3")
        ),
        *(
            f"{prefix}/{kind}/{generation}"
            for prefix in ("", "/ns/{namespace}")
            for kind in ("api", "ajax-api")
            for generation in ("2.0", "3.0")
        ),
        "/version",
        "/get-artifact",
        "/model-versions/get-artifact",
        "/ns/{namespace}",
    }


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS, ids=NAMES)
def test_without_a_token_nothing_is_answered(api: Api, name: str, method: str, path: str) -> None:
    problem(ask(api, name, method, path, None), 401, "unauthenticated")


@pytest.mark.parametrize("body", [b"{", b'{"name": 1}', b"x" * (6 << 20)])
def test_nothing_of_a_body_is_looked_at_without_a_token(api: Api, body: bytes) -> None:
    del api.headers["Authorization"]

    problem(
        api.post("/api/v1/namespaces", content=body, headers={"Content-Type": "application/json"}),
        401,
        "unauthenticated",
    )


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS, ids=NAMES)
def test_without_a_grant_nothing_is_told(api: Api, name: str, method: str, path: str) -> None:
    answer = ask(api, name, method, path, api.world.token(subject="nobody"))

    if name in FOR_ANYBODY:
        assert answer.status_code == 200
        assert answer.json().get("items", []) == []
        assert answer.json().get("roles", []) == []
        return
    if name in EVERYWHERE:
        body = problem(answer, 403, "forbidden")
    elif name in OF_ONES_OWN:
        problem(answer, 404, "not-found")
    else:
        body = problem(answer, 404, "not-found")
        assert body["detail"] == "There is no namespace 'default' that you can read."
    for secret in ("alice", "iris", "somebody", "champion"):
        assert secret not in answer.text


@pytest.mark.parametrize("role", COLUMNS)
@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS, ids=NAMES)
def test_each_role_may_do_what_the_table_says(
    api: Api, name: str, method: str, path: str, role: str
) -> None:
    scope = "*" if role in {"admin", "auditor"} else "default"
    token = api.world.token((scope, Role(role)))

    answer = ask(api, name, method, path, token)

    if role in ALLOWED[name]:
        assert answer.status_code in {200, 201, 204, 307}, answer.text
    else:
        problem(answer, 403, "forbidden")


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS, ids=NAMES)
def test_the_owner_of_another_namespace_finds_nothing_here(
    api: Api, name: str, method: str, path: str
) -> None:
    api.world.registry.namespaces.create(caller(("*", Role.ADMIN)), "other", {})
    token = api.world.token(("other", Role.OWNER), subject="mallory")

    answer = ask(api, name, method, path, token)

    if name in FOR_ANYBODY:
        assert name == "can_i" or "default" not in answer.text
    elif name in OF_ONES_OWN:
        assert answer.status_code == 204
    elif name in EVERYWHERE:
        problem(answer, 403, "forbidden")
    else:
        problem(answer, 404, "not-found")


@pytest.mark.parametrize(("name", "method", "path"), OPERATIONS, ids=NAMES)
def test_what_exists_and_what_does_not_look_the_same_to_a_stranger(
    api: Api, name: str, method: str, path: str
) -> None:
    if name in FOR_ANYBODY | EVERYWHERE:
        return
    token = api.world.token(subject="nobody")

    here = ask(api, name, method, path, token).json()
    nowhere = ask(api, name, method, path.replace("{namespace}", "nowhere"), token).json()

    del here["request_id"], nowhere["request_id"]
    named = [json.dumps(body).replace("default", "nowhere") for body in (here, nowhere)]
    assert named[0] == named[1]


@pytest.mark.parametrize("scope", ["default", "*"])
def test_grants_of_everywhere_cannot_be_reached_as_those_of_a_namespace(
    api: Api, scope: str
) -> None:
    token = api.world.token(("default", Role.OWNER))

    answer = api.put(
        f"/api/v1/namespaces/{scope}/grants",
        json={"grantee": "subject:dev:default-owner", "role": "admin"},
        headers=bearer(token),
    )

    assert answer.status_code in {403, 422}


class Untouchable:
    """A database, a store, a verifier: whoever uses any of it fails."""

    proves_sha256 = True

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"touched {name} before the decision")


def use_cases() -> Iterator[tuple[str, str]]:
    """Every public method of the registry's services that takes a caller."""
    registry = World().registry
    for group in registry:
        service = getattr(registry, group)
        for name, method in inspect.getmembers(type(service), inspect.isfunction):
            if not name.startswith("_") and "caller" in inspect.signature(method).parameters:
                yield group, name


USE_CASES = sorted(use_cases())
OF_THE_SYSTEM = {
    ("run_purges", "purge"),
    ("consistency", "check"),
    ("consistency", "clean"),
    ("receipts", "receive"),
    ("uploads", "expire"),
    ("purges", "purge"),
    ("approvals", "expire"),
    ("sealing", "seal"),
    ("relay", "deliver"),
}
OF_THE_CALLERS_OWN = {
    ("namespaces", "page"),
    ("access_tokens", "create"),
    ("access_tokens", "page"),
    ("access_tokens", "revoke"),
}


def call(service: Any, name: str, by: Caller) -> Any:
    """Call the use case with something of the right type for each parameter without a default."""
    method = getattr(service, name)
    hints = get_type_hints(method)
    examples: dict[Any, Any] = {
        Caller: by,
        str: "default",
        int: 1,
        bool: False,
        timedelta: timedelta(days=7),
        Role: Role.READER,
        Verdict: Verdict.APPROVE,
    }
    values = {}
    for parameter in inspect.signature(method).parameters.values():
        if parameter.default is not inspect.Parameter.empty:
            continue
        hint = hints[parameter.name]
        special: dict[str, Any] = {
            "claims": {},
            "key": "default/iris/1/a",
            "patch": {},
            "what": {"name": "a", "kind": "model"},
            "rules": RetentionRules(),
            "ids": None,
            "described": {},
            "request": PageRequest(),
            "owner": FileOwner("default", OwnerKind.RUN, "1"),
            "digests": [],
            "parts": [],
            "source": FromVersion("iris", ByNumber(1)),
            "document": {},
            "at": datetime(2026, 1, 1, tzinfo=UTC),
            "parameters": {},
            "points": [],
            "fields": {},
            "changes": {},
            "measurements": [],
            "keys": ["loss"],
            "references": ["1", "2"],
            "subject": model_subject("default", "iris"),
            "start": datetime(2026, 1, 1, tzinfo=UTC),
            "names": [Named("default", "iris", ByNumber(1))] * 2,
            "stages": (),
            "transitions": (),
            "question": Question(namespaces=("default",)),
        }
        special |= {"key": "default/iris/1/a", "reference": ByNumber(1), "expected_revision": None}
        values[parameter.name] = (
            special[parameter.name] if parameter.name in special else examples[hint]
        )
    return method(**values)


@pytest.mark.parametrize(("service", "name"), USE_CASES)
def test_every_use_case_decides_before_it_touches_anything(service: str, name: str) -> None:
    nothing: Any = Untouchable()
    registry = bundle(settings(), nothing, nothing, nothing, nothing)

    if (service, name) in OF_THE_CALLERS_OWN:
        with pytest.raises(AssertionError):
            call(getattr(registry, service), name, caller(("other", Role.OWNER)))
        return
    for stranger in (caller(), caller(("other", Role.OWNER))):
        with pytest.raises((NotFound, Forbidden)):
            call(getattr(registry, service), name, stranger)


@pytest.mark.parametrize(("service", "name"), USE_CASES)
def test_the_registry_itself_does_only_what_events_and_the_sweep_need(
    service: str, name: str
) -> None:
    nothing: Any = Untouchable()
    registry = bundle(settings(), nothing, nothing, nothing, nothing)
    by_itself = {*OF_THE_SYSTEM, *OF_THE_CALLERS_OWN} - {("access_tokens", "create")}
    is_allowed = (service, name) in by_itself

    with pytest.raises(AssertionError if is_allowed else (NotFound, Forbidden)):
        call(getattr(registry, service), name, system_caller("uploads"))


@pytest.mark.parametrize(("service", "name"), sorted(OF_THE_SYSTEM))
def test_what_the_registry_does_itself_no_administrator_can(service: str, name: str) -> None:
    nothing: Any = Untouchable()
    registry = bundle(settings(), nothing, nothing, nothing, nothing)

    with pytest.raises(Forbidden):
        call(getattr(registry, service), name, caller(("*", Role.ADMIN)))


def test_the_walk_found_the_use_cases() -> None:
    assert len(USE_CASES) > 25
    assert set(USE_CASES) >= OF_THE_SYSTEM
