"""Rollbacks as JSON."""

from handlers.api.v1.wire.common import Body


class NewRollback(Body):
    """What to put back: what held `stage`, or what `alias` pointed to, before or `to_time`.

    With `from_version`, the version that is there now, it can be repeated safely.
    """

    stage: str | None = None
    alias: str | None = None
    to_time: str | None = None
    from_version: int | None = None
    dry_run: bool = False
