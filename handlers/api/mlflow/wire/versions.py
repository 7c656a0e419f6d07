"""Model versions as MLflow's clients read them."""

from typing import Any

from core.domain.versions import ModelVersion, VersionState
from handlers.api.mlflow.answers import present
from handlers.api.mlflow.stages import stage_outside
from handlers.api.mlflow.wire.common import milliseconds, pairs
from handlers.api.names import name_outside

STATUS = {
    VersionState.PENDING: "PENDING_REGISTRATION",
    VersionState.READY: "READY",
    VersionState.ABANDONED: "FAILED_REGISTRATION",
}


def model_version(version: ModelVersion) -> dict[str, Any]:
    """A version; its number is text."""
    return present(
        name=name_outside(version.model),
        version=str(version.number),
        creation_timestamp=milliseconds(version.created_at),
        last_updated_timestamp=milliseconds(version.updated_at),
        current_stage=stage_outside(version.stage),
        description=version.description,
        source=version.origin.get("source") or stored_at(version),
        run_id=version.origin.get("run_id") or _run(version),
        run_link=version.origin.get("run_link"),
        status=STATUS[version.state],
        tags=pairs(version.tags),
        aliases=list(version.aliases),
    )


def _run(version: ModelVersion) -> str | None:
    """The run that another client said it came out of."""
    return None if version.run_id is None else str(version.run_id)


def download_uri(version: ModelVersion) -> str:
    """Where a client fetches the version's bytes: its own, if it has them."""
    if version.file_count:
        return stored_at(version)
    origin = version.origin
    return str(origin.get("uri") or origin.get("source") or stored_at(version))


def stored_at(version: ModelVersion) -> str:
    """The address of files that other clients pushed to the registry itself."""
    return f"mlflow-artifacts:/versions/{version.id}"
