"""Use cases on webhooks: who is to be told of what happens in a namespace, and where."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from core.domain.access import Action, Caller
from core.domain.common import check_revision
from core.domain.deliveries import Cursor
from core.domain.events import event_id, last_event_id
from core.domain.pages import Page, PageRequest
from core.domain.subjects import event_of
from core.domain.webhook_secrets import Secret, check_secret, good, new_secret
from core.domain.webhooks import Webhook, WebhookState
from core.errors import Conflict, Invalid
from core.ports import Channel, Clock, Database, Stores, Vault
from core.services.claims import created_before, remember
from core.services.lookups import namespace_of
from core.services.receivers import changed, kept_of, locked, opened, store_changed, webhook_of

GRACE = timedelta(hours=24)
MAX_GRACE = timedelta(days=30)
MAX_WEBHOOKS = 100
CHANGEABLE = frozenset({"name", "description", "target", "events", "models", "stages", "state"})


@dataclass(frozen=True, slots=True)
class WithSecret:
    """A webhook and, this once, the text of its secret; None if it came with a repeated request or
    has none."""

    webhook: Webhook
    secret: str | None


@dataclass(frozen=True, slots=True)
class Webhooks:
    """Create, read, change and delete webhooks, and rotate their secrets."""

    database: Database
    clock: Clock
    channel: Channel
    vault: Vault

    def create(
        self,
        caller: Caller,
        namespace: str,
        fields: Mapping[str, Any],
        *,
        secret: str | None = None,
        unsigned: bool = False,
        reason: str = "",
    ) -> WithSecret:
        """Tell a target of what happens from now on. It gets a secret, unless one is given
        (receivers of MLflow's bring theirs) or it is `unsigned` or no URL.

        Raises `Invalid` for a target that is none, `Conflict` where webhooks cannot be, `NotFound`.
        """
        caller.require(Action.WEBHOOK_CHANGE, namespace)
        at, by = self.clock.now(), caller.principal.name
        webhook = Webhook(
            id=event_id(at),
            namespace=namespace,
            created_at=at,
            created_by=by,
            updated_at=at,
            updated_by=by,
            **fields,
        )
        self.channel.check(namespace, webhook.target)
        text = None
        if webhook.is_url and not unsigned:
            text = check_secret(secret) if secret is not None else new_secret()
        kept = locked(self.vault, webhook.id, () if text is None else (Secret(text),))

        def work(stores: Stores) -> WithSecret:
            if before := created_before(stores, caller, Webhook, at):
                return WithSecret(before, None)
            namespace_of(stores, namespace)
            there = stores.webhooks.page(namespace, after=None, limit=MAX_WEBHOOKS)
            if len(there) == MAX_WEBHOOKS:
                raise Conflict(
                    f"The namespace {namespace!r} has {MAX_WEBHOOKS} webhooks.",
                    next_step="Delete one that is not used any more.",
                )
            stores.webhooks.insert(webhook, kept)
            stores.events.add(
                event_of(caller, "webhook.created", at=at, after=webhook, reason=reason)
            )
            stores.deliveries.begin(
                Cursor(
                    webhook_id=webhook.id,
                    namespace=namespace,
                    floor=last_event_id(at),
                    active=webhook.state is WebhookState.ACTIVE,
                    due_at=at,
                )
            )
            remember(stores, caller, webhook, at)
            return WithSecret(webhook, text)

        return self.database.transaction(work)

    def get(self, caller: Caller, namespace: str, webhook_id: str) -> Webhook:
        """One of them. Raises `NotFound`."""
        caller.require(Action.WEBHOOK_READ, namespace)
        return webhook_of(self.database, namespace, webhook_id)

    def page(self, caller: Caller, namespace: str, request: PageRequest) -> Page[Webhook]:
        """Those of a namespace, the oldest first. Raises `NotFound`."""
        caller.require(Action.WEBHOOK_READ, namespace)
        query = ("webhooks", namespace)
        rows = self.database.webhooks.page(
            namespace, after=request.after(*query), limit=request.size + 1
        )
        if not rows:
            namespace_of(self.database, namespace)
        return request.page(rows, lambda webhook: webhook.id, *query)

    def update(
        self,
        caller: Caller,
        namespace: str,
        webhook_id: str,
        changes: Mapping[str, Any],
        *,
        expected: int | None = None,
        secret: str | None = None,
        reason: str = "",
    ) -> Webhook:
        """Change some of its fields, and its secret if one is given. Nothing that happened before
        is forgotten: what waits is sent to where the target then is.

        Raises `Invalid`, `NotFound`, `Stale`.
        """
        caller.require(Action.WEBHOOK_CHANGE, namespace)
        if unknown := sorted(changes.keys() - CHANGEABLE):
            raise Invalid(
                f"{', '.join(unknown)} of a webhook cannot be changed.",
                next_step=f"Fields that can be: {', '.join(sorted(CHANGEABLE))}.",
            )
        if "target" in changes:
            self.channel.check(namespace, str(changes["target"]))

        def work(stores: Stores) -> Webhook:
            before, kept = kept_of(stores, namespace, webhook_id)
            check_revision("The webhook", before, expected)
            if (
                all(getattr(before, name) == value for name, value in changes.items())
                and not secret
            ):
                return before
            if secret is not None:
                kept = locked(self.vault, webhook_id, (Secret(check_secret(secret)),))
            at = max(self.clock.now(), before.updated_at)
            after = changed(before, caller, at, **changes)
            store_changed(stores, caller, before, after, kept, "webhook.updated", reason)
            return after

        return self.database.transaction(work)

    def rotate(
        self,
        caller: Caller,
        namespace: str,
        webhook_id: str,
        *,
        grace: timedelta = GRACE,
        reason: str = "",
    ) -> WithSecret:
        """Give it a new secret. For the grace period each message is signed by the former one too,
        so that no message is refused whenever the receiver changes over.

        Raises `Invalid`, `NotFound`, `Conflict` for a webhook that signs nothing.
        """
        caller.require(Action.WEBHOOK_CHANGE, namespace)
        if not timedelta(0) <= grace <= MAX_GRACE:
            raise Invalid(
                "The grace period is under 0 seconds or over 30 days.",
                next_step="Choose how long the former secret stays good: 86400 is a day.",
            )
        text = new_secret()

        def work(stores: Stores) -> WithSecret:
            before, kept = kept_of(stores, namespace, webhook_id)
            if not before.is_url:
                raise Conflict(
                    "What is sent to a queue, topic or bus is not signed.",
                    next_step="Nothing is to be done: access to it is the settings' business.",
                )
            at = max(self.clock.now(), before.updated_at)
            until = at + grace if grace and kept else None
            former = good(opened(self.vault, webhook_id, kept), at)[:1]
            secrets = (Secret(text), *(Secret(each.text, until) for each in former if until))
            after = changed(before, caller, at, former_secret_until=until)
            store_changed(
                stores, caller, before, after, locked(self.vault, webhook_id, secrets),
                "webhook.secret-rotated", reason,
            )  # fmt: skip
            return WithSecret(after, text)

        return self.database.transaction(work)

    def delete(self, caller: Caller, namespace: str, webhook_id: str, *, reason: str = "") -> None:
        """Tell it nothing any more; what waits is not sent. Raises `NotFound`."""
        caller.require(Action.WEBHOOK_CHANGE, namespace)

        def work(stores: Stores) -> None:
            before = webhook_of(stores, namespace, webhook_id)
            stores.webhooks.remove(before)
            stores.deliveries.end(webhook_id)
            stores.events.add(
                event_of(
                    caller,
                    "webhook.deleted",
                    at=max(self.clock.now(), before.updated_at),
                    before=before,
                    reason=reason,
                    revision=before.revision + 1,
                )
            )

        self.database.transaction(work)
