"""Operations on registered models."""

from collections.abc import Iterator, Mapping
from typing import Any

from modelry.records import Model
from modelry.references import Reference
from modelry.session import Session, given


class Models(Session):
    """Registered models."""

    def models(self, namespace: str | None = None) -> Iterator[Model]:
        """The models of a namespace, by name."""
        return map(Model.read, self.transport.items(f"{self.in_namespace(namespace)}/models"))

    def model(self, model: str | Reference, *, namespace: str | None = None) -> Model:
        """A model by `MODEL` or `NAMESPACE/MODEL`. Raises `NotFound`."""
        path = self.resolve(model, namespace).model_path()
        return Model.read(self.transport.get(path).document)

    def register_model(
        self,
        model: str | Reference,
        *,
        namespace: str | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        custom_properties: Mapping[str, Any] | None = None,
        external_id: str | None = None,
        owner: str | None = None,
        idempotency_key: str | None = None,
    ) -> Model:
        """Register a model. Raises `Conflict` if the name, or one like it, is in use.

        A call with the `idempotency_key` of an earlier one gives the model as that one made it.
        """
        reference = self.resolve(model, namespace)
        body = given(
            name=reference.model,
            description=description,
            tags=tags,
            metadata=metadata,
            custom_properties=custom_properties,
            external_id=external_id,
            owner=owner,
        )
        path = f"{self.in_namespace(reference.namespace)}/models"
        return Model.read(self.create(path, body, idempotency_key).document)

    def update_model(
        self,
        model: str | Reference,
        *,
        etag: str = "*",
        namespace: str | None = None,
        **changes: Any,
    ) -> Model:
        """Change fields by merge patch: None removes. Raises `Stale` if it is not at `etag`."""
        path = self.resolve(model, namespace).model_path()
        return Model.read(self.patch(path, etag, changes))
