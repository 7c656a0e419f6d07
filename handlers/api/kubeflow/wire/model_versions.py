"""Model versions as Kubeflow's clients read them."""

from typing import Annotated, Any, Literal

from pydantic import Field

from core.domain.retention import Retention
from core.domain.versions import ModelVersion
from handlers.api.kubeflow.wire.common import STATES, Describing, NonEmpty, present, resource

ParentId = Annotated[str, Field(pattern=r"^[1-9][0-9]{0,8}$")]


class ModelVersionUpdate(Describing):
    """What can be changed of a version."""

    author: str | None = None
    state: Literal["LIVE", "ARCHIVED"] | None = None

    def patch_of(self, version: ModelVersion) -> dict[str, Any]:
        """The merge patch for the use case: who is named as its author owns it."""
        patch = self.patch(version)
        if self.author is not None:
            patch["owner"] = self.author or None
        return patch

    @property
    def kept(self) -> Retention | None:
        """How the version is to be kept, if that was sent."""
        return None if self.state is None else STATES[self.state]


class ModelVersionCreate(ModelVersionUpdate):
    """A version to register."""

    name: NonEmpty
    registered_model_id: ParentId

    def described_version(self) -> dict[str, Any]:
        """The fields for the use case, by the domain's names."""
        return {**self.described(), "owner": self.author or None}


def model_version(version: ModelVersion, *, is_retired: bool = False) -> dict[str, Any]:
    """A version. What the registry knows beyond Kubeflow's fields is among the properties, where
    there is something to tell: its stage, its aliases, the digest of its files."""
    more = present(
        stage=version.stage,
        aliases=", ".join(version.aliases) or None,
        digest=version.digest,
        version=version.version if version.digest else None,
    )
    return {
        **resource(version, name_of(version), more),
        "registeredModelId": str(version.model_id),
        **present(author=version.owner or next(iter(version.authors), None)),
        "state": "ARCHIVED" if is_retired or version.retention is Retention.ARCHIVED else "LIVE",
    }


def name_of(version: ModelVersion) -> str:
    """What it is called: its name, else its semantic version, else its number."""
    return version.name or version.version or str(version.number)
