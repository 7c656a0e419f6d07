"""Operations on serving environments."""

from starlette.responses import Response

from core.domain.retention import Shown
from core.services.search import Question
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.kubeflow.filters import parse_filter
from handlers.api.kubeflow.known import COMMON, ExternalId, being, the_one
from handlers.api.kubeflow.lists import ONE, Wanted, answered, listed
from handlers.api.kubeflow.routes import group
from handlers.api.kubeflow.scope import CurrentNamespace, one_of, parse_id
from handlers.api.kubeflow.wire.serving import (
    ServingEnvironmentCreate,
    ServingEnvironmentUpdate,
    serving_environment,
)

router = group("serving_environments")


@router.get("/serving_environment")
def find_serving_environment(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    name: str | None = None,
    external_id: ExternalId = None,
) -> Response:
    """The environment of this name, else of this external id."""
    one_of(name, external_id)
    condition = being("name", name) if name else being("external_id", external_id or "")
    question = Question(filter=condition, namespaces=[namespace], shown=Shown.READABLE)
    found = registry.search.environments(caller, question, ONE).page.items
    return answered(serving_environment(the_one(found, "environment", name or external_id)))


@router.get("/serving_environments")
def get_serving_environments(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: CurrentNamespace, wanted: Wanted
) -> Response:
    """All environments, a page at a time."""
    question = Question(
        filter=parse_filter(wanted.filter, COMMON),
        orders=wanted.orders,
        namespaces=[namespace],
        shown=Shown.READABLE,
    )
    found = registry.search.environments(caller, question, wanted.request)
    return listed(found.page, serving_environment, wanted)


@router.post("/serving_environments", status_code=201)
def create_serving_environment(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    body: ServingEnvironmentCreate,
) -> Response:
    """Create an environment."""
    made = registry.environments.create(caller, namespace, body.name, body.described())
    return answered(serving_environment(made), 201)


@router.get("/serving_environments/{serving_environment_id}")
def get_serving_environment(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    serving_environment_id: str,
) -> Response:
    """An environment by its id."""
    reference = str(parse_id(serving_environment_id))
    return answered(serving_environment(registry.environments.get(caller, namespace, reference)))


@router.patch("/serving_environments/{serving_environment_id}")
def update_serving_environment(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    serving_environment_id: str,
    body: ServingEnvironmentUpdate,
) -> Response:
    """Change what is sent."""
    reference = str(parse_id(serving_environment_id))
    found = registry.environments.get(caller, namespace, reference)
    changed = registry.environments.update(
        caller, namespace, reference, body.patch(found), expected_revision=found.revision
    )
    return answered(serving_environment(changed))
