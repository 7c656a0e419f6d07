"""Webhooks in memory."""

from collections.abc import Sequence

from core.adapters.memory.tables import MemoryStore, insert, is_after
from core.domain.subjects import webhook_subject
from core.domain.webhooks import Webhook
from core.errors import Stale


class MemoryWebhooks(MemoryStore):
    """See `core.ports.WebhookStore`."""

    def get(self, namespace: str, webhook_id: str) -> Webhook | None:
        found = self.kept(webhook_id)
        return found[0] if found is not None and found[0].namespace == namespace else None

    def kept(self, webhook_id: str) -> tuple[Webhook, str] | None:
        with self.use(False) as tables:
            return tables.webhooks.get(webhook_id)

    def page(self, namespace: str, *, after: str | None, limit: int) -> Sequence[Webhook]:
        with self.use(False) as tables:
            every = [tables.webhooks[key][0] for key in sorted(tables.webhooks)]
            here = [each for each in every if each.namespace == namespace]
            return [each for each in here if is_after(each.id, after)][:limit]

    def insert(self, webhook: Webhook, kept: str) -> None:
        with self.use(True) as tables:
            insert(tables.webhooks, webhook.id, (webhook, kept), "webhook")
            tables.ledger.changed(webhook)

    def replace(self, webhook: Webhook, kept: str) -> None:
        with self.use(True) as tables:
            stored = tables.webhooks.get(webhook.id)
            if stored is None or stored[0].revision != webhook.revision - 1:
                raise Stale(
                    f"The webhook is not at revision {webhook.revision - 1} any more.",
                    next_step="Read it again and repeat the change on what you see.",
                )
            tables.webhooks[webhook.id] = (webhook, kept)
            tables.ledger.changed(webhook)

    def remove(self, webhook: Webhook) -> None:
        with self.use(True) as tables:
            if tables.webhooks.pop(webhook.id, None) is not None:
                tables.ledger.removed(webhook_subject(webhook.namespace, webhook.id))
