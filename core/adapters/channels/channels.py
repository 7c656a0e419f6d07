"""All ways out: URLs by HTTP, and what an operator has named in the settings."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from core.domain.deliveries import Answer
from core.domain.targets import NamedTarget
from core.errors import Invalid

if TYPE_CHECKING:
    from core.adapters.channels.http import HttpChannel
    from core.domain.messages import Message


class Channels:
    """See `core.ports.Channel`. A target with a colon is a URL, any other one a name. What each way
    takes is imported when something goes that way."""

    def __init__(
        self, targets: Sequence[NamedTarget], *, timeout_seconds: float, allows_private: bool
    ) -> None:
        self._targets = {target.name: target for target in targets}
        self._timeout = timeout_seconds
        self._allows_private = allows_private

    def check(self, namespace: str, target: str) -> None:
        if ":" in target:
            self._http.check(target)
        elif self._named(namespace, target) is None:
            known = [name for name in sorted(self._targets) if self._named(namespace, name)]
            raise Invalid(
                f"There is no target {target[:80]!a} for this namespace.",
                next_step=f"Those there are: {', '.join(known) or 'none'}. Or give a URL. An"
                " operator adds targets to MODELRY_RELAY_TARGETS.",
                problems=[("target", "no such target")],
            )

    def send(self, namespace: str, target: str, message: "Message") -> Answer:
        if ":" in target:
            return self._http.send(target, message)
        named = self._named(namespace, target)
        if named is None:
            return Answer(accepted=False, detail="its target is not among the settings any more")
        from core.adapters.channels import aws

        return aws.send(named, message, self._timeout)

    @cached_property
    def _http(self) -> "HttpChannel":
        from core.adapters.channels.http import HttpChannel

        return HttpChannel(timeout_seconds=self._timeout, allows_private=self._allows_private)

    def _named(self, namespace: str, name: str) -> NamedTarget | None:
        target = self._targets.get(name)
        if target is None or (target.namespaces and namespace not in target.namespaces):
            return None
        return target
