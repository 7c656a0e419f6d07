"""Serving environments, inference services and serves as Kubeflow's clients read them."""

import uuid
from typing import Annotated, Any, Literal

from pydantic import Field

from core.domain.deployments import Deployment, DesiredState
from core.domain.environments import Environment
from core.domain.serve_records import ServeRecord, ServeState
from handlers.api.kubeflow.wire.common import Describing, NonEmpty, present, resource

ParentId = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$")]
DESIRED = {"DEPLOYED": DesiredState.DEPLOYED, "UNDEPLOYED": DesiredState.UNDEPLOYED}
SERVED = {state.name: state for state in ServeState}
LATEST = "latest"


class ServingEnvironmentUpdate(Describing):
    """What can be changed of an environment."""


class ServingEnvironmentCreate(Describing):
    """An environment to create."""

    name: NonEmpty


class InferenceServiceUpdate(Describing):
    """What can be changed of an inference service."""

    model_version_id: str | None = None
    runtime: str | None = None
    desired_state: Literal["DEPLOYED", "UNDEPLOYED"] | None = None

    def patch_of(self, deployment: Deployment, follows: str | None) -> dict[str, Any]:
        """The merge patch for the use case; `follows` is what the version that was sent is."""
        patch = self.patch(deployment)
        if self.runtime is not None:
            patch["runtime"] = self.runtime or None
        if self.desired_state is not None:
            patch["desired_state"] = DESIRED[self.desired_state].value
        if follows is not None:
            patch["follows"] = follows
        return patch


class InferenceServiceCreate(InferenceServiceUpdate):
    """An inference service to create."""

    name: str | None = None
    registered_model_id: ParentId
    serving_environment_id: ParentId


class ServeModelCreate(Describing):
    """What was seen of an inference service."""

    name: str | None = None
    model_version_id: ParentId
    last_known_state: Literal[
        "UNKNOWN", "NEW", "RUNNING", "COMPLETE", "FAILED", "CACHED", "CANCELED"
    ] = "UNKNOWN"

    @property
    def called(self) -> str:
        """Its name: the one that was sent, else a new UUID."""
        return self.name or str(uuid.uuid4())


def serving_environment(environment: Environment) -> dict[str, Any]:
    """A serving environment."""
    return resource(environment, environment.name)


def inference_service(deployment: Deployment) -> dict[str, Any]:
    """An inference service. What it follows is told where it is neither one version nor the
    latest, which is what a service without a version serves."""
    follows = None if deployment.pinned_id or deployment.follows == LATEST else deployment.follows
    return {
        **resource(deployment, deployment.name, present(follows=follows)),
        "registeredModelId": str(deployment.model_id),
        "servingEnvironmentId": str(deployment.environment_id),
        **present(
            modelVersionId=str(deployment.pinned_id) if deployment.pinned_id else None,
            runtime=deployment.runtime,
        ),
        "desiredState": deployment.desired_state.name,
    }


def serve_model(record: ServeRecord) -> dict[str, Any]:
    """A serve."""
    return {
        **resource(record, record.name),
        "modelVersionId": str(record.version_id),
        "lastKnownState": record.state.name,
    }
