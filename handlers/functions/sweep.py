"""The clean-up as a function, on a schedule: uploads and requests for approval that ran out of time
are closed, what was deleted is purged once its grace period is over, what happened is sealed."""

import gc

gc.disable()  # nothing that an import makes is garbage: collecting costs a tenth of a cold start

import os
from typing import Any

from core.bootstrap import assemble, configured
from core.domain.access import system_caller

registry = assemble(configured(os.environ))

gc.enable()
gc.freeze()


def handler(event: Any, context: Any) -> dict[str, int]:
    """Close uploads and requests for approval that ran out of time and purge what was deleted long
    ago, at most a hundred of each a run, seal the audit log, and say how many of each."""
    sweep = system_caller("sweep", getattr(context, "aws_request_id", ""))
    return {
        "expired": registry.uploads.expire(sweep),
        "approvals_expired": registry.approvals.expire(sweep),
        "purged": registry.purges.purge(sweep) + registry.run_purges.purge(sweep),
        "sealed": registry.sealing.seal(sweep),
    }
