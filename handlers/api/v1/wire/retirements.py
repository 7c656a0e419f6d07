"""The end of a version's life as JSON."""

from handlers.api.v1.wire.common import Body


class NewRetirement(Body):
    """The stage to retire the version to, if there are several."""

    to: str | None = None


class NewDeprecation(Body):
    """Since when (now by default) and until when it can be used, and what to use instead: a version
    of the same model (4, @champion) or of another one of the namespace (churn-2@champion)."""

    since: str | None = None
    sunset: str | None = None
    successor: str | None = None
    note: str = ""
