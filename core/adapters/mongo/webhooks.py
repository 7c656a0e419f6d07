"""Webhooks as documents, with what is kept of their secrets as a derived field."""

from collections.abc import Sequence

from core.adapters.mongo.documents import Documents
from core.adapters.mongo.keyset import ASCENDING, after_key
from core.domain.subjects import webhook_subject
from core.domain.webhooks import Webhook


class MongoWebhooks:
    """See `core.ports.WebhookStore`."""

    def __init__(self, documents: Documents[Webhook]) -> None:
        self._documents = documents

    def get(self, namespace: str, webhook_id: str) -> Webhook | None:
        return self._documents.with_key(webhook_id, {"namespace": namespace})

    def kept(self, webhook_id: str) -> tuple[Webhook, str] | None:
        return self._documents.one_with({"_id": webhook_id}, "kept")

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Webhook]:
        filter = {"namespace": namespace, **after_key("id", after)}
        return self._documents.many(filter, [("id", ASCENDING)], limit)

    def insert(self, webhook: Webhook, kept: str) -> None:
        self._documents.insert(webhook.id, webhook, "webhook", kept=kept)

    def replace(self, webhook: Webhook, kept: str) -> None:
        self._documents.replace(webhook.id, webhook, "webhook", kept=kept)

    def remove(self, webhook: Webhook) -> None:
        self._documents.remove(webhook.id, webhook_subject(webhook.namespace, webhook.id))
