"""Operations on registered models."""

from starlette.responses import Response

from core.domain.models import RegisteredModel
from core.domain.retention import Retention, Shown
from core.domain.search import Path
from core.services.search import Question
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.kubeflow.filters import Known, parse_filter, words
from handlers.api.kubeflow.known import COMMON, ExternalId, being, the_one
from handlers.api.kubeflow.lists import ONE, Wanted, answered, listed
from handlers.api.kubeflow.routes import group
from handlers.api.kubeflow.scope import CurrentNamespace, one_of, parse_id
from handlers.api.kubeflow.wire.common import STATES
from handlers.api.kubeflow.wire.registered_models import (
    RegisteredModelCreate,
    RegisteredModelUpdate,
    registered_model,
)
from handlers.api.names import name_within

router = group("registered_models")

KNOWN = {
    **COMMON,
    "name": Known(
        Path("name"), lambda value: name_within(value) if isinstance(value, str) else value
    ),
    "owner": Known(Path("owner")),
    "state": words(Path("state"), {word: kept.value for word, kept in STATES.items()}),
}


@router.get("/registered_model")
def find_registered_model(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    name: str | None = None,
    external_id: ExternalId = None,
) -> Response:
    """The model of this name, else of this external id."""
    one_of(name, external_id)
    if name:
        return answered(registered_model(_named(registry, caller, namespace, name)))
    question = Question(
        filter=being("external_id", external_id or ""),
        namespaces=[namespace],
        shown=Shown.READABLE,
    )
    found = registry.search.models(caller, question, ONE).page.items
    return answered(registered_model(the_one(found, "model", external_id)))


@router.get("/registered_models")
def get_registered_models(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: CurrentNamespace, wanted: Wanted
) -> Response:
    """All models, a page at a time."""
    question = Question(
        filter=parse_filter(wanted.filter, KNOWN),
        orders=wanted.orders,
        namespaces=[namespace],
        shown=Shown.READABLE,
    )
    found = registry.search.models(caller, question, wanted.request)
    return listed(found.page, registered_model, wanted)


@router.post("/registered_models", status_code=201)
def create_registered_model(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    body: RegisteredModelCreate,
) -> Response:
    """Register a model."""
    created = registry.models.register(
        caller, namespace, name_within(body.name), body.described_model()
    )
    if body.kept is Retention.ARCHIVED:
        created = registry.models.update(
            caller, namespace, created.name, {}, expected_revision=None, kept=body.kept
        )
    return answered(registered_model(created), 201)


@router.get("/registered_models/{registered_model_id}")
def get_registered_model(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    registered_model_id: str,
) -> Response:
    """A model by its id."""
    found = registry.models.with_id(caller, namespace, parse_id(registered_model_id))
    return answered(registered_model(found))


@router.patch("/registered_models/{registered_model_id}")
def update_registered_model(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    registered_model_id: str,
    body: RegisteredModelUpdate,
) -> Response:
    """Change what is sent; the rest stays, the state among it."""
    model = registry.models.with_id(caller, namespace, parse_id(registered_model_id))
    changed = registry.models.update(
        caller,
        namespace,
        model.name,
        body.patch_of(model),
        expected_revision=model.revision,
        kept=body.kept,
    )
    return answered(registered_model(changed))


def _named(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, name: str
) -> RegisteredModel:
    return registry.models.get(caller, namespace, name_within(name))
