"""Operations on registered models."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from modelry.moments import moment
from modelry.records import Model
from modelry.references import Reference
from modelry.session import Session, given


class Models(Session):
    """Registered models."""

    def models(
        self,
        namespace: str | None = None,
        *,
        archived: bool = False,
        as_of: datetime | str | None = None,
    ) -> Iterator[Model]:
        """The models of a namespace, by name; archived ones too if asked for."""
        path = f"{self.in_namespace(namespace)}/models"
        query = {"include": "archived" if archived else None, "as_of": moment(as_of)}
        return map(Model.read, self.transport.items(path, **query))

    def model(
        self,
        model: str | Reference,
        *,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Model:
        """A model by `MODEL` or `NAMESPACE/MODEL`. Raises `NotFound`."""
        path = self.resolve(model, namespace).model_path()
        return Model.read(self.transport.get(path, **given(as_of=moment(as_of))).document)

    def register_model(
        self,
        model: str | Reference,
        *,
        namespace: str | None = None,
        model_type: str | None = None,
        card: Mapping[str, Any] | None = None,
        compliance: Mapping[str, Any] | None = None,
        description: str | None = None,
        tags: Mapping[str, str] | None = None,
        metadata: Mapping[str, Any] | None = None,
        custom_properties: Mapping[str, Any] | None = None,
        external_id: str | None = None,
        owner: str | None = None,
        reuse_deleted: bool = False,
        idempotency_key: str | None = None,
    ) -> Model:
        """Register a model. `card` holds what a reader wants to know first: `readme` (Markdown),
        `tasks`, `languages`, `license`, `library`, `provider` and others. Raises `Conflict` if the
        name, or one like it, is in use.

        `compliance` says what rules ask of it (intended_use, risk_class, human_oversight, …): it
        can be changed by `update_model`, and has a history.

        The name of a model that was deleted for good is used again only with `reuse_deleted`;
        the numbers of its versions go on. A call with the `idempotency_key` of an earlier one
        gives the model as that one made it.
        """
        reference = self.resolve(model, namespace)
        body = given(
            name=reference.model,
            model_type=model_type,
            card=card,
            compliance=compliance,
            description=description,
            tags=tags,
            metadata=metadata,
            custom_properties=custom_properties,
            external_id=external_id,
            owner=owner,
        )
        path = f"{self.in_namespace(reference.namespace)}/models"
        query = {"reuse_deleted": "true" if reuse_deleted else None}
        return Model.read(self.create(path, body, idempotency_key, query=query).document)

    def update_model(
        self,
        model: str | Reference,
        *,
        etag: str = "*",
        namespace: str | None = None,
        reason: str | None = None,
        **changes: Any,
    ) -> Model:
        """Change fields by merge patch: None removes. Raises `Stale` if it is not at `etag`."""
        path = self.resolve(model, namespace).model_path()
        return Model.read(self.patch(path, etag, changes, reason))

    def rename_model(
        self,
        model: str | Reference,
        name: str,
        *,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Model:
        """Give it a name that is free; versions, aliases and history go along.

        Raises `Conflict` if the name is taken, or while something names the model elsewhere: a
        grant on it alone, a publisher, a deployment, an open request for approval.
        """
        path = f"{self.resolve(model, namespace).model_path()}/rename"
        query = {"reason": reason}
        return Model.read(
            self.transport.request("POST", path, query=query, body={"name": name}).document
        )
