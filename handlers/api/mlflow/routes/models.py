"""Operations on registered models."""

from starlette.responses import Response

from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.mlflow.answers import answered
from handlers.api.mlflow.bodies import CurrentFields
from handlers.api.mlflow.routes import group
from handlers.api.mlflow.scope import CurrentNamespace
from handlers.api.mlflow.wire.models import registered_model
from handlers.api.names import name_within

router = group("models")


@router.post("/mlflow/registered-models/create")
def create_registered_model(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    fields: CurrentFields,
) -> Response:
    """Register a model."""
    name = fields.required("name")
    described = {
        "description": fields.text("description") or "",
        "tags": fields.pairs("tags"),
    }
    created = registry.models.register(caller, namespace, name_within(name), described)
    return answered({"registered_model": registered_model(created)})


@router.get("/mlflow/registered-models/get")
def get_registered_model(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    fields: CurrentFields,
) -> Response:
    """A model by its name."""
    found = registry.models.get(caller, namespace, name_within(fields.required("name")))
    return answered({"registered_model": registered_model(found)})
