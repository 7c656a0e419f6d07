"""What a registry needs before its first request: a bucket that tells, indexes, a namespace."""

from collections.abc import Mapping
from contextlib import suppress

from core import bootstrap
from core.domain.access import CONFIGURED, EVERYWHERE, Caller, Principal, Role
from core.errors import Taken
from core.settings import Settings
from local.issuer.people import GROUPS, SHORT_NAME
from local.queue import create_upload_queue
from local.store import WEBHOOK_ARN, announce_uploads, create_bucket

NAMESPACE = "default"


def prepare(environment: Mapping[str, str]) -> bool:
    """Make everything ready that is not yet; whether the store will announce uploads.

    Raises `Invalid` for settings that are wrong, `Unavailable` if a server does not play along.
    """
    settings = Settings.from_environment(environment)
    create_bucket(settings)
    queue = environment.get("MODELRY_LOCAL_QUEUE")
    target = create_upload_queue(queue) if queue else WEBHOOK_ARN
    prepare_database(settings)
    return announce_uploads(settings, target)


def prepare_database(settings: Settings) -> None:
    """Make indexes, and on the first start the namespace `default` with a grant for each group.

    Grants that somebody has changed since are left as they are.
    """
    bootstrap.prepare(settings)
    registry = bootstrap.assemble(settings)
    if registry.database.namespaces.get(NAMESPACE) is not None:
        return
    launcher = Principal(SHORT_NAME, "launcher")
    caller = Caller(launcher, (CONFIGURED,), dialect="local")
    described = {"description": "Where models go that name no other namespace."}
    auditors = f"group:{SHORT_NAME}:{GROUPS['auditor']}"
    registry.grants.put(caller, EVERYWHERE, auditors, Role.AUDITOR)
    with suppress(Taken):
        registry.namespaces.create(caller, NAMESPACE, described)
    for role in (Role.READER, Role.WRITER, Role.APPROVER, Role.OWNER):
        registry.grants.put(caller, NAMESPACE, f"group:{SHORT_NAME}:{GROUPS[role]}", role)
