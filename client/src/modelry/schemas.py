"""Operations on the schemas of a namespace: what its versions must satisfy."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from modelry.errors import Invalid
from modelry.moments import moment
from modelry.records import Schema
from modelry.session import Session


class Schemas(Session):
    """Schemas by model type; `*` is for versions of all types."""

    def schemas(
        self, namespace: str | None = None, *, as_of: datetime | str | None = None
    ) -> Iterator[Schema]:
        """The schemas of a namespace, by model type."""
        path = f"{self.in_namespace(namespace)}/schemas"
        return map(Schema.read, self.transport.items(path, as_of=moment(as_of)))

    def schema(
        self,
        model_type: str = "*",
        *,
        namespace: str | None = None,
        as_of: datetime | str | None = None,
    ) -> Schema:
        """One of them. Raises `NotFound`."""
        path = self._schema_path(model_type, namespace)
        return Schema.read(self.transport.get(path, as_of=moment(as_of)).document)

    def set_schema(
        self,
        document: Mapping[str, Any],
        model_type: str = "*",
        *,
        namespace: str | None = None,
        reason: str | None = None,
    ) -> Schema:
        """Demand of new versions that they satisfy a JSON Schema (2020-12).

        Raises `Invalid` naming what is wrong with it, `Forbidden` for all but owners.
        """
        answer = self.transport.request(
            "PUT",
            self._schema_path(model_type, namespace),
            query={"reason": reason},
            body={"document": document},
        )
        return Schema.read(answer.document)

    def remove_schema(
        self, model_type: str = "*", *, namespace: str | None = None, reason: str | None = None
    ) -> None:
        """Take it away."""
        path = self._schema_path(model_type, namespace)
        self.transport.request("DELETE", path, query={"reason": reason})

    def _schema_path(self, model_type: str, namespace: str | None) -> str:
        if not model_type or model_type in {".", ".."} or "/" in model_type:
            raise Invalid(f"{model_type!r} is no model type.", next_step="Use a word, or '*'.")
        return f"{self.in_namespace(namespace)}/schemas/{quote(model_type, safe='')}"
