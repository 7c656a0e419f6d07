"""What a deployment's schedules do, whether a scheduler calls a function or sends an event."""

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
