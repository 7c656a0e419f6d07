"""Operations on model versions."""

from typing import Any

from starlette.responses import Response

from core.domain.access import Caller
from core.domain.retention import Retention, Shown
from core.domain.search import (
    And,
    Comparison,
    Exists,
    Not,
    Operator,
    Or,
    Path,
    Tree,
    all_of,
)
from core.domain.versions import ByNumber, OnRepeat, VersionState
from core.errors import Invalid
from core.registry import Registry
from core.services.search import Question
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.kubeflow.filters import Known, Leaf, identity, parse_filter
from handlers.api.kubeflow.known import COMMON, ExternalId, ParentId, being, the_one
from handlers.api.kubeflow.lists import ONE, Wanted, answered, listed
from handlers.api.kubeflow.retired import STATE, RetiredStages
from handlers.api.kubeflow.routes import group
from handlers.api.kubeflow.scope import CurrentNamespace, one_of, parse_id
from handlers.api.kubeflow.wire.model_versions import (
    ModelVersionCreate,
    ModelVersionUpdate,
    model_version,
)

router = group("model_versions")

NAME, SEMANTIC = Path("version_name"), Path("version")


def _by_name(leaf: Leaf) -> Tree:
    """A version without a name goes by its semantic version."""
    if isinstance(leaf, Comparison) and leaf.operator is Operator.DIFFERENT:
        return Not(_by_name(Comparison(leaf.path, Operator.EQUAL, leaf.value)))
    fallback = type(leaf)(**{**_fields(leaf), "path": SEMANTIC})
    return Or((leaf, And((Not(Exists(NAME)), fallback))))


def _fields(leaf: Leaf) -> dict[str, Any]:
    return {name: getattr(leaf, name) for name in leaf.__dataclass_fields__}


KNOWN = {
    **COMMON,
    "name": Known(NAME, spread=_by_name),
    "author": Known(Path("owner")),
    "registeredModelId": Known(Path("model_id"), identity),
    "state": STATE,
}


def _question(
    namespace: str, wanted: Wanted, retired: RetiredStages, *more: Tree | None
) -> Question:
    known = KNOWN
    if wanted.filter and "state" in wanted.filter:
        known = {**KNOWN, "state": retired.known()}
    # What has not arrived is nothing to deploy: who takes the newest must not get it.
    is_ready = being("state", VersionState.READY.value)
    return Question(
        filter=all_of(is_ready, *more, parse_filter(wanted.filter, known)),
        orders=wanted.orders,
        namespaces=[namespace],
        shown=Shown.READABLE,
    )


@router.get("/model_version")
def find_model_version(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    name: str | None = None,
    external_id: ExternalId = None,
    parent: ParentId = None,
) -> Response:
    """The version of this name in the model `parentResourceId`, else of this external id."""
    one_of(name, external_id)
    if name and not parent:
        raise Invalid(
            "A version's name is known in its model only.",
            next_step="Give parentResourceId as well, or an externalId.",
        )
    if name and parent:
        named = registry.versions.named(caller, namespace, parse_id(parent), name)
        version = the_one([] if named is None else [named], "version", name)
    else:
        condition = being("external_id", external_id or "")
        question = Question(filter=condition, namespaces=[namespace], shown=Shown.READABLE)
        found = registry.search.versions(caller, question, ONE).page.items
        version = the_one(found, "version", external_id)
    return answered(RetiredStages(registry, caller, namespace).shown(version))


@router.get("/model_versions")
def get_model_versions(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: CurrentNamespace, wanted: Wanted
) -> Response:
    """All versions of all models, a page at a time."""
    retired = RetiredStages(registry, caller, namespace)
    question = _question(namespace, wanted, retired)
    found = registry.search.versions(caller, question, wanted.request)
    return listed(found.page, retired.shown, wanted)


@router.post("/model_versions", status_code=201)
def create_model_version(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    body: ModelVersionCreate,
) -> Response:
    """Register a version of the model `registeredModelId`."""
    return _register(registry, caller, namespace, int(body.registered_model_id), body)


@router.get("/registered_models/{registered_model_id}/versions")
def get_registered_model_versions(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    registered_model_id: str,
    wanted: Wanted,
    name: str | None = None,
    external_id: ExternalId = None,
) -> Response:
    """The versions of a model, a page at a time."""
    model = registry.models.with_id(caller, namespace, parse_id(registered_model_id))
    retired = RetiredStages(registry, caller, namespace)
    question = _question(
        namespace,
        wanted,
        retired,
        being("model_id", model.id),
        _by_name(Comparison(NAME, Operator.EQUAL, name)) if name else None,
        being("external_id", external_id) if external_id else None,
    )
    found = registry.search.versions(caller, question, wanted.request)
    return listed(found.page, retired.shown, wanted)


@router.post("/registered_models/{registered_model_id}/versions", status_code=201)
def create_registered_model_version(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    registered_model_id: str,
    body: ModelVersionCreate,
) -> Response:
    """Register a version of the model in the path."""
    return _register(registry, caller, namespace, parse_id(registered_model_id), body)


@router.get("/model_versions/{model_version_id}")
def get_model_version(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    model_version_id: str,
) -> Response:
    """A version by its id."""
    found = registry.versions.with_id(caller, namespace, parse_id(model_version_id))
    return answered(RetiredStages(registry, caller, namespace).shown(found))


@router.patch("/model_versions/{model_version_id}")
def update_model_version(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    model_version_id: str,
    body: ModelVersionUpdate,
) -> Response:
    """Change what is sent; the rest stays, the state among it."""
    version = registry.versions.with_id(caller, namespace, parse_id(model_version_id))
    retired = RetiredStages(registry, caller, namespace)
    changed = registry.versions.update(
        caller,
        version.namespace,
        version.model,
        ByNumber(version.number),
        body.patch_of(version),
        expected_revision=version.revision,
        kept=retired.kept(version, body.kept),
    )
    return answered(retired.shown(changed))


def _register(
    registry: Registry, caller: Caller, namespace: str, model_id: int, body: ModelVersionCreate
) -> Response:
    model = registry.models.with_id(caller, namespace, model_id)
    made = registry.versions.register(
        caller,
        namespace,
        model.name,
        body.described_version(),
        name=body.name,
        on_repeat=OnRepeat.NEW,
    ).version
    if body.kept is Retention.ARCHIVED:
        made = registry.versions.update(
            caller,
            namespace,
            model.name,
            ByNumber(made.number),
            {},
            expected_revision=None,
            kept=body.kept,
        )
    return answered(model_version(made), 201)
