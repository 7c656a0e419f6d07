"""Registered models as Kubeflow's clients read them."""

from typing import Any, Literal

from core.domain.models import RegisteredModel
from core.domain.retention import Retention
from handlers.api.kubeflow.wire.common import STATES, Describing, NonEmpty, present, resource
from handlers.api.names import name_outside

CARD = {
    "readme": "readme",
    "maturity": "maturity",
    "language": "languages",
    "tasks": "tasks",
    "provider": "provider",
    "logo": "logo",
    "license": "license",
    "license_link": "license_link",
    "library_name": "library",
}
"""Fields of the body that are keys of the model's card."""


class RegisteredModelUpdate(Describing):
    """What can be changed of a model."""

    owner: str | None = None
    state: Literal["LIVE", "ARCHIVED"] | None = None
    readme: str | None = None
    maturity: str | None = None
    language: list[str] | None = None
    tasks: list[str] | None = None
    provider: str | None = None
    logo: str | None = None
    license: str | None = None
    license_link: str | None = None
    library_name: str | None = None

    def patch_of(self, model: RegisteredModel) -> dict[str, Any]:
        """The merge patch for the use case."""
        patch = self.patch(model)
        if self.owner is not None:
            patch["owner"] = self.owner or None
        if card := self.card():
            patch["card"] = card
        return patch

    def card(self) -> dict[str, Any]:
        """The keys of the card that were sent; None for those to clear."""
        sent = {key: getattr(self, field) for field, key in CARD.items()}
        return {key: value or None for key, value in sent.items() if value is not None}

    @property
    def kept(self) -> Retention | None:
        """How the model is to be kept, if that was sent."""
        return None if self.state is None else STATES[self.state]


class RegisteredModelCreate(RegisteredModelUpdate):
    """A model to register."""

    name: NonEmpty

    def described_model(self) -> dict[str, Any]:
        """The fields for the use case, by the domain's names."""
        card = {key: value for key, value in self.card().items() if value is not None}
        return {**self.described(), "owner": self.owner or None, "card": card}


def registered_model(model: RegisteredModel) -> dict[str, Any]:
    """A registered model."""
    aliases = {f"alias.{name}": number for name, number in sorted(model.aliases.items())}
    card = {_camel(field): model.card.get(key) for field, key in CARD.items()}
    return {
        **resource(model, name_outside(model.name), aliases),
        **present(owner=model.owner, **card),
        "state": "ARCHIVED" if model.state is Retention.ARCHIVED else "LIVE",
    }


def _camel(field: str) -> str:
    first, *rest = field.split("_")
    return first + "".join(word.capitalize() for word in rest)
