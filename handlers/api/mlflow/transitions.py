"""MLflow's transitions between stages: promotions by the lifecycle of the namespace."""

from core.domain.pages import PageRequest
from core.domain.search import Comparison, Operator, Path
from core.domain.versions import ByNumber, ModelVersion
from core.errors import Conflict, Invalid
from core.services.search import Question
from handlers.api.mlflow.errors import Answered
from handlers.api.mlflow.naming import model_named, version_numbered
from handlers.api.mlflow.routes import Asked
from handlers.api.mlflow.stages import stage_within

_REASON = "transition of MLflow"
_MANY = 1_000


def transition(asked: Asked) -> ModelVersion:
    """Bring a version to a stage, through every gate on the way there; with
    `archive_existing_versions` those that were there before go to `Archived`.

    Raises `Answered` with `PERMISSION_DENIED` and what is not fulfilled if a gate is closed or no
    way leads there.
    """
    registry, caller, namespace, fields = (
        asked.registry, asked.caller, asked.namespace, asked.fields,
    )  # fmt: skip
    model, version = model_named(fields), version_numbered(fields)
    wanted, archives = fields.required("stage"), fields.flag("archive_existing_versions")
    lifecycle = registry.lifecycles.get(caller, namespace)
    target = lifecycle.stage(stage_within(lifecycle, wanted))
    others: list[int] = []
    if archives:
        if target.retired or target is lifecycle.initial:
            raise Invalid(
                f"archive_existing_versions is not for the stage {wanted[:60]!a}.",
                next_step="Send it with Staging or Production, or leave it out.",
            )
        archive = stage_within(lifecycle, "Archived")
        others = _in_stage(asked, model, target.name)
    moved = _bring(asked, model, version.number, target.name)
    for number in others:
        if number != version.number:
            _bring(asked, model, number, archive)
    return moved


def _in_stage(asked: Asked, model: str, stage: str) -> list[int]:
    question = Question(
        filter=Comparison(Path("stage"), Operator.EQUAL, stage),
        namespaces=[asked.namespace],
        model=model,
    )
    found = asked.registry.search.versions(asked.caller, question, PageRequest(_MANY))
    return [version.number for version in found.page.items]


def _bring(asked: Asked, model: str, number: int, stage: str) -> ModelVersion:
    try:
        return asked.registry.promotions.bring(
            asked.caller, asked.namespace, model, ByNumber(number), stage, reason=_REASON
        ).version
    except Conflict as error:
        others = [f"Also closed: {message}." for _, message in error.problems[1:]]
        message = " ".join([error.message, *others, error.next_step])
        raise Answered("PERMISSION_DENIED", message) from None
