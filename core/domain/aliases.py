"""An alias: a mutable pointer from a word to a version of a model."""

from dataclasses import dataclass

from core.domain.models import RegisteredModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """`alias` of the model points to `version`; `revision` is the model's that says so."""

    namespace: str
    model: str
    alias: str
    version: int
    revision: int

    @classmethod
    def of(cls, model: RegisteredModel, name: str) -> "Alias | None":
        """The model's alias of that name, if it has one."""
        number = model.aliases.get(name)
        if number is None:
            return None
        return cls(
            namespace=model.namespace,
            model=model.name,
            alias=name,
            version=number,
            revision=model.revision,
        )
