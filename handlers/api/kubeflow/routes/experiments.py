"""Operations on experiments."""

from starlette.responses import Response

from core.domain.access import Caller
from core.domain.experiments import Experiment
from core.domain.retention import Retention, Shown
from core.domain.search import Path
from core.errors import NotFound
from core.registry import Registry
from core.services.search import Question
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.kubeflow.filters import Known, parse_filter, words
from handlers.api.kubeflow.known import COMMON, ExternalId, being, the_one
from handlers.api.kubeflow.lists import ONE, Wanted, answered, listed
from handlers.api.kubeflow.routes import group
from handlers.api.kubeflow.scope import CurrentNamespace, one_of, parse_id
from handlers.api.kubeflow.wire.common import STATES
from handlers.api.kubeflow.wire.experiments import (
    ExperimentCreate,
    ExperimentUpdate,
    experiment,
)

router = group("experiments")

KNOWN = {
    **COMMON,
    "owner": Known(Path("owner")),
    "state": words(Path("state"), {word: kept.value for word, kept in STATES.items()}),
}


@router.get("/experiment")
def find_experiment(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    name: str | None = None,
    external_id: ExternalId = None,
) -> Response:
    """The experiment of this name, else of this external id."""
    one_of(name, external_id)
    condition = being("name", name) if name else being("external_id", external_id or "")
    question = Question(filter=condition, namespaces=[namespace], shown=Shown.READABLE)
    found = registry.search.experiments(caller, question, ONE).page.items
    return answered(experiment(the_one(found, "experiment", name or external_id)))


@router.get("/experiments")
def get_experiments(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: CurrentNamespace, wanted: Wanted
) -> Response:
    """All experiments, a page at a time."""
    question = Question(
        filter=parse_filter(wanted.filter, KNOWN),
        orders=wanted.orders,
        namespaces=[namespace],
        shown=Shown.READABLE,
    )
    found = registry.search.experiments(caller, question, wanted.request)
    return listed(found.page, experiment, wanted)


@router.post("/experiments", status_code=201)
def create_experiment(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    body: ExperimentCreate,
) -> Response:
    """Create an experiment."""
    made = registry.experiments.create(caller, namespace, body.name, body.described())
    if body.kept is Retention.ARCHIVED:
        made = registry.experiments.update(
            caller, namespace, str(made.id), {}, expected_revision=None, kept=body.kept
        )
    return answered(experiment(made), 201)


@router.get("/experiments/{experiment_id}")
def get_experiment(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    experiment_id: str,
) -> Response:
    """An experiment by its id."""
    found = experiment_with_id(registry, caller, namespace, parse_id(experiment_id))
    return answered(experiment(found))


@router.patch("/experiments/{experiment_id}")
def update_experiment(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    experiment_id: str,
    body: ExperimentUpdate,
) -> Response:
    """Change what is sent; the rest stays, the state among it."""
    found = experiment_with_id(registry, caller, namespace, parse_id(experiment_id))
    changed = registry.experiments.update(
        caller,
        namespace,
        str(found.id),
        body.patch_of(found),
        expected_revision=found.revision,
        kept=body.kept,
    )
    return answered(experiment(changed))


def experiment_with_id(registry: Registry, caller: Caller, namespace: str, id: int) -> Experiment:
    """The experiment of this id, and not one whose name it is. Raises `NotFound`."""
    found = registry.experiments.get(caller, namespace, str(id))
    if found.id != id:
        raise NotFound(f"There is no experiment with the id {id}.")
    return found
