"""What a deployment's schedules do, whether a scheduler calls a function or sends an event."""

from datetime import timedelta

from core.domain.access import system_caller
from core.registry import Registry


def sweep(registry: Registry, request_id: str = "") -> dict[str, int]:
    """Close uploads and requests for approval that ran out of time and purge what was deleted long
    ago, at most a hundred of each a run, seal the audit log, and say how many of each."""
    caller = system_caller("sweep", request_id)
    return {
        "expired": registry.uploads.expire(caller),
        "approvals_expired": registry.approvals.expire(caller),
        "purged": registry.purges.purge(caller) + registry.run_purges.purge(caller),
        "sealed": registry.sealing.seal(caller),
    }


def relay(
    registry: Registry, request_id: str = "", *, budget: timedelta = timedelta(seconds=50)
) -> dict[str, int]:
    """Deliver what is due, until the budget of time is spent at the latest, and say how many
    deliveries were accepted, failed for now, and were given up. Two at once do no harm."""
    done = registry.relay.deliver(system_caller("relay", request_id), budget=budget)
    return {"delivered": done.delivered, "failed": done.failed, "dead": done.dead}
