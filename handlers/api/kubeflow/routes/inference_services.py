"""Operations on inference services, and on what was seen of them."""

from fastapi import Request
from starlette.responses import Response

from core.domain.access import Caller
from core.domain.retention import Shown
from core.domain.search import And, Path, Tree, all_of
from core.errors import Invalid, NotFound
from core.registry import Registry
from core.services.search import Question
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.kubeflow.filters import Known, identity, parse_filter, words
from handlers.api.kubeflow.known import COMMON, ExternalId, ParentId, being, the_one
from handlers.api.kubeflow.lists import ONE, Listing, Wanted, answered, listed
from handlers.api.kubeflow.retired import RetiredStages
from handlers.api.kubeflow.routes import group
from handlers.api.kubeflow.scope import CurrentNamespace, one_of, parse_id
from handlers.api.kubeflow.wire.registered_models import registered_model
from handlers.api.kubeflow.wire.serving import (
    DESIRED,
    LATEST,
    InferenceServiceCreate,
    InferenceServiceUpdate,
    ServeModelCreate,
    inference_service,
    serve_model,
)

router = group("inference_services")

KNOWN = {
    **COMMON,
    "registeredModelId": Known(Path("model_id"), identity),
    "servingEnvironmentId": Known(Path("environment_id"), identity),
    "modelVersionId": Known(Path("pinned_id"), identity),
    "runtime": Known(Path("runtime")),
    "desiredState": words(
        Path("desired_state"), {word: state.value for word, state in DESIRED.items()}
    ),
}
OF_ENVIRONMENT = "/serving_environments/{serving_environment_id}/inference_services"
ONE_SERVICE = "/inference_services/{inference_service_id}"


@router.get("/inference_service")
def find_inference_service(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    name: str | None = None,
    external_id: ExternalId = None,
    parent: ParentId = None,
) -> Response:
    """The service of this name in the environment `parentResourceId`, else of this external id."""
    one_of(name, external_id)
    if name and not parent:
        raise Invalid(
            "A service's name is known in its environment only.",
            next_step="Give parentResourceId as well, or an externalId.",
        )
    if name and parent:
        condition: Tree = And((being("environment_id", parse_id(parent)), being("name", name)))
    else:
        condition = being("external_id", external_id or "")
    question = Question(filter=condition, namespaces=[namespace], shown=Shown.READABLE)
    found = registry.search.deployments(caller, question, ONE).page.items
    return answered(inference_service(the_one(found, "inference service", name or external_id)))


@router.get("/inference_services")
def get_inference_services(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: CurrentNamespace, wanted: Wanted
) -> Response:
    """All services, a page at a time."""
    return _page(registry, caller, namespace, wanted)


@router.get(OF_ENVIRONMENT)
def get_environment_inference_services(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    serving_environment_id: str,
    wanted: Wanted,
    name: str | None = None,
    external_id: ExternalId = None,
) -> Response:
    """The services of an environment, a page at a time."""
    reference = str(parse_id(serving_environment_id))
    environment = registry.environments.get(caller, namespace, reference)
    return _page(
        registry,
        caller,
        namespace,
        wanted,
        being("environment_id", environment.id),
        being("name", name) if name else None,
        being("external_id", external_id) if external_id else None,
    )


@router.post("/inference_services")
def create_inference_service(
    request: Request,
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    body: InferenceServiceCreate,
) -> Response:
    """Create a service in the environment `servingEnvironmentId`. The first generation documents
    200 for it, and its client takes nothing else."""
    made = _create(registry, caller, namespace, body.serving_environment_id, body)
    is_first = request.scope.get("root_path", "").endswith("v1alpha3")
    return answered(made, 200 if is_first else 201)


@router.post(OF_ENVIRONMENT, status_code=201)
def create_environment_inference_service(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    serving_environment_id: str,
    body: InferenceServiceCreate,
) -> Response:
    """Create a service in the environment of the path."""
    environment = str(parse_id(serving_environment_id))
    return answered(_create(registry, caller, namespace, environment, body), 201)


@router.get(ONE_SERVICE)
def get_inference_service(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    inference_service_id: str,
) -> Response:
    """A service by its id."""
    reference = str(parse_id(inference_service_id))
    return answered(inference_service(registry.deployments.get(caller, namespace, reference)))


@router.patch(ONE_SERVICE)
def update_inference_service(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    inference_service_id: str,
    body: InferenceServiceUpdate,
) -> Response:
    """Change what is sent; the rest stays, the desired state among it."""
    reference = str(parse_id(inference_service_id))
    found = registry.deployments.get(caller, namespace, reference)
    follows = _follows(registry, caller, namespace, found.model_id, body.model_version_id)
    changed = registry.deployments.update(
        caller,
        namespace,
        reference,
        body.patch_of(found, follows),
        expected_revision=found.revision,
    )
    return answered(inference_service(changed))


@router.get(f"{ONE_SERVICE}/model")
def get_inference_service_model(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    inference_service_id: str,
) -> Response:
    """The model that a service serves."""
    found = registry.deployments.get(caller, namespace, str(parse_id(inference_service_id)))
    return answered(registered_model(registry.models.get(caller, namespace, found.model)))


@router.get(f"{ONE_SERVICE}/version")
def get_inference_service_version(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    inference_service_id: str,
) -> Response:
    """The version that a service is to serve: its own, else the newest of its model."""
    reference = str(parse_id(inference_service_id))
    target = registry.deployments.target(caller, namespace, reference)
    if target.version is None:
        raise NotFound(f"The model {target.deployment.model!r} has no version to serve.")
    return answered(RetiredStages(registry, caller, namespace).shown(target.version))


@router.get(f"{ONE_SERVICE}/serves")
def get_inference_service_serves(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    inference_service_id: str,
    wanted: Wanted,
) -> Response:
    """What was seen of a service, a page at a time. As with the genuine server a `filterQuery`
    chooses nothing from it; it must be one all the same."""
    parse_filter(wanted.filter, COMMON)
    reference = str(parse_id(inference_service_id))
    rising = not wanted.orders[0].is_descending
    found = registry.serve_records.page(
        caller, namespace, reference, wanted.request, oldest_first=rising
    )
    return listed(found, serve_model, wanted)


@router.post(f"{ONE_SERVICE}/serves", status_code=201)
def create_inference_service_serve(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    inference_service_id: str,
    body: ServeModelCreate,
) -> Response:
    """Note what was seen of a service."""
    reference = str(parse_id(inference_service_id))
    found = registry.deployments.get(caller, namespace, reference)
    number = _number(registry, caller, namespace, found.model_id, body.model_version_id)
    made = registry.serve_records.record(
        caller,
        namespace,
        reference,
        number,
        body.described(),
        name=body.called,
        state=body.last_known_state.lower(),
    )
    return answered(serve_model(made), 201)


def _page(
    registry: Registry, caller: Caller, namespace: str, wanted: Listing, *more: Tree | None
) -> Response:
    question = Question(
        filter=all_of(*more, parse_filter(wanted.filter, KNOWN)),
        orders=wanted.orders,
        namespaces=[namespace],
        shown=Shown.READABLE,
    )
    found = registry.search.deployments(caller, question, wanted.request)
    return listed(found.page, inference_service, wanted)


def _create(
    registry: Registry,
    caller: Caller,
    namespace: str,
    environment: str,
    body: InferenceServiceCreate,
) -> dict[str, object]:
    model = registry.models.with_id(caller, namespace, int(body.registered_model_id))
    follows = _follows(registry, caller, namespace, model.id, body.model_version_id)
    made = registry.deployments.create(
        caller,
        namespace,
        environment,
        model.name,
        body.described(),
        name=body.name or None,
        follows=follows or LATEST,
        desired_state=DESIRED[body.desired_state or "DEPLOYED"],
        runtime=body.runtime or None,
    )
    return inference_service(made)


def _follows(
    registry: Registry, caller: Caller, namespace: str, model_id: int, version_id: str | None
) -> str | None:
    """What a service follows that names this version; None if none is named."""
    if version_id is None:
        return None
    if not version_id:
        return LATEST
    return str(_number(registry, caller, namespace, model_id, version_id))


def _number(
    registry: Registry, caller: Caller, namespace: str, model_id: int, version_id: str
) -> int:
    """The number of the version. Raises `NotFound`, and `Invalid` for one of another model."""
    version = registry.versions.with_id(caller, namespace, parse_id(version_id))
    if version.model_id != model_id:
        raise Invalid(
            f"The version {version.id} is one of another model.",
            next_step="Name a version of the service's own model.",
        )
    return version.number
