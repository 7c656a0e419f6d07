"""Operations on the runs of experiments."""

from starlette.responses import Response

from core.domain.access import Caller
from core.domain.experiments import Experiment
from core.domain.retention import Retention, Shown
from core.domain.search import And, Path, Tree, all_of
from core.errors import Invalid
from core.registry import Registry
from core.services.search import Question
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.kubeflow.filters import Known, epoch, identity, parse_filter, words
from handlers.api.kubeflow.known import COMMON, ExternalId, ParentId, being, the_one
from handlers.api.kubeflow.lists import ONE, Listing, Wanted, answered, listed
from handlers.api.kubeflow.routes import group
from handlers.api.kubeflow.routes.experiments import experiment_with_id
from handlers.api.kubeflow.scope import CurrentNamespace, one_of, parse_id
from handlers.api.kubeflow.wire.common import STATES
from handlers.api.kubeflow.wire.experiments import (
    STATUSES,
    ExperimentRunCreate,
    ExperimentRunUpdate,
    experiment_run,
)

router = group("experiment_runs")

KNOWN = {
    **COMMON,
    "owner": Known(Path("owner")),
    "state": words(Path("state"), {word: kept.value for word, kept in STATES.items()}),
    "status": words(Path("status"), {word: each.value for word, each in STATUSES.items()}),
    "experimentId": Known(Path("experiment_id"), identity),
    "startTimeSinceEpoch": Known(Path("started_at"), epoch),
    "endTimeSinceEpoch": Known(Path("ended_at"), epoch),
}
OF_EXPERIMENT = "/experiments/{experiment_id}/experiment_runs"
ONE_RUN = "/experiment_runs/{experiment_run_id}"


@router.get("/experiment_run")
def find_experiment_run(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    name: str | None = None,
    external_id: ExternalId = None,
    parent: ParentId = None,
) -> Response:
    """The run of this name in the experiment `parentResourceId`, else of this external id."""
    one_of(name, external_id)
    if name and not parent:
        raise Invalid(
            "A run's name is known in its experiment only.",
            next_step="Give parentResourceId as well, or an externalId.",
        )
    if name and parent:
        condition: Tree = And((being("experiment_id", parse_id(parent)), being("name", name)))
    else:
        condition = being("external_id", external_id or "")
    question = Question(filter=condition, namespaces=[namespace], shown=Shown.READABLE)
    found = registry.search.runs(caller, question, ONE).page.items
    return answered(experiment_run(the_one(found, "run", name or external_id)))


@router.get("/experiment_runs")
def get_experiment_runs(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: CurrentNamespace, wanted: Wanted
) -> Response:
    """All runs of all experiments, a page at a time."""
    return _page(registry, caller, namespace, wanted)


@router.post("/experiment_runs", status_code=201)
def create_experiment_run(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    body: ExperimentRunCreate,
) -> Response:
    """Start a run of the experiment `experimentId`."""
    owner = experiment_with_id(registry, caller, namespace, int(body.experiment_id))
    return _start(registry, caller, owner, body)


@router.get(OF_EXPERIMENT)
def get_experiment_experiment_runs(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    experiment_id: str,
    wanted: Wanted,
    name: str | None = None,
    external_id: ExternalId = None,
) -> Response:
    """The runs of an experiment, a page at a time."""
    owner = experiment_with_id(registry, caller, namespace, parse_id(experiment_id))
    return _page(
        registry,
        caller,
        namespace,
        wanted,
        being("experiment_id", owner.id),
        being("name", name) if name else None,
        being("external_id", external_id) if external_id else None,
    )


@router.post(OF_EXPERIMENT, status_code=201)
def create_experiment_experiment_run(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    experiment_id: str,
    body: ExperimentRunCreate,
) -> Response:
    """Start a run of the experiment in the path."""
    owner = experiment_with_id(registry, caller, namespace, parse_id(experiment_id))
    return _start(registry, caller, owner, body)


@router.get(ONE_RUN)
def get_experiment_run(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    experiment_run_id: str,
) -> Response:
    """A run by its id."""
    reference = str(parse_id(experiment_run_id))
    return answered(experiment_run(registry.runs.get(caller, namespace, reference)))


@router.patch(ONE_RUN)
def update_experiment_run(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    experiment_run_id: str,
    body: ExperimentRunUpdate,
) -> Response:
    """Change what is sent; the rest stays, state and status among it."""
    reference = str(parse_id(experiment_run_id))
    found = registry.runs.get(caller, namespace, reference)
    changed = registry.runs.update(
        caller,
        namespace,
        reference,
        body.patch_of(found),
        expected_revision=found.revision,
        kept=body.kept,
    )
    return answered(experiment_run(changed))


def _page(
    registry: Registry, caller: Caller, namespace: str, wanted: Listing, *more: Tree | None
) -> Response:
    question = Question(
        filter=all_of(*more, parse_filter(wanted.filter, KNOWN)),
        orders=wanted.orders,
        namespaces=[namespace],
        shown=Shown.READABLE,
    )
    found = registry.search.runs(caller, question, wanted.request)
    return listed(found.page, experiment_run, wanted)


def _start(
    registry: Registry, caller: Caller, owner: Experiment, body: ExperimentRunCreate
) -> Response:
    made = registry.runs.create(
        caller, owner.namespace, str(owner.id), body.described(), **body.started()
    )
    if body.kept is Retention.ARCHIVED:
        made = registry.runs.update(caller, made.namespace, str(made.id), {}, kept=body.kept)
    return answered(experiment_run(made), 201)
