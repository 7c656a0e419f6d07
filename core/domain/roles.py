"""The table of roles: who may do what, by name."""

from enum import StrEnum


class Role(StrEnum):
    """What a grant makes of somebody: four roles in a namespace, two everywhere."""

    READER = "reader"
    WRITER = "writer"
    APPROVER = "approver"
    OWNER = "owner"
    ADMIN = "admin"
    AUDITOR = "auditor"


class Action(StrEnum):
    """What a use case does, as the table of roles knows it."""

    NAMESPACE_SEE = "namespace.see"  # that it is there, and what it is called
    NAMESPACE_READ = "namespace.read"
    NAMESPACE_CREATE = "namespace.create"
    NAMESPACE_UPDATE = "namespace.update"
    GRANT_READ = "grant.read"
    GRANT_CHANGE = "grant.change"
    SCHEMA_CHANGE = "schema.change"
    LIFECYCLE_CHANGE = "lifecycle.change"
    MODEL_READ = "model.read"
    MODEL_REGISTER = "model.register"
    MODEL_UPDATE = "model.update"
    VERSION_REGISTER = "version.register"
    VERSION_UPDATE = "version.update"
    EVALUATION_REGISTER = "evaluation.register"
    MODEL_ARCHIVE = "model.archive"
    MODEL_DELETE = "model.delete"
    VERSION_ARCHIVE = "version.archive"
    VERSION_DELETE = "version.delete"
    VERSION_DEPRECATE = "version.deprecate"
    ALIAS_CHANGE = "alias.change"
    APPROVAL_REQUEST = "approval.request"
    APPROVAL_COMMENT = "approval.comment"
    APPROVAL_DECIDE = "approval.decide"
    APPROVAL_WITHDRAW = "approval.withdraw"
    APPROVAL_EXPIRE = "approval.expire"
    PROTECTED_ALIAS_CHANGE = "alias.change-protected"
    VERSION_PROMOTE = "version.promote"
    VERSION_ROLL_BACK = "version.roll-back"
    FILE_READ = "file.read"
    FILE_READ_RETIRED = "file.read-retired"
    EVENT_READ = "event.read"
    HOLD_CHANGE = "hold.change"
    POLICY_CHANGE = "policy.change"
    EXPERIMENT_READ = "experiment.read"
    EXPERIMENT_CHANGE = "experiment.change"
    EXPERIMENT_DELETE = "experiment.delete"
    RUN_LOG = "run.log"
    RUN_DELETE = "run.delete"
    ENVIRONMENT_READ = "environment.read"
    DEPLOYMENT_READ = "deployment.read"
    DEPLOYMENT_CHANGE = "deployment.change"
    DEPLOYMENT_OBSERVE = "deployment.observe"
    ENVIRONMENT_CHANGE = "environment.change"
    SYSTEM_GRANT_READ = "system-grant.read"
    SYSTEM_GRANT_CHANGE = "system-grant.change"
    UPLOAD_RECEIVE = "upload.receive"
    UPLOAD_EXPIRE = "upload.expire"
    DELETED_PURGE = "deleted.purge"
    STORE_CHECK = "store.check"
    STORE_CLEAN = "store.clean"
    BACKUP_WRITE = "backup.write"
    BACKUP_READ = "backup.read"
    BACKUP_RESTORE = "backup.restore"
    WEBHOOK_READ = "webhook.read"
    WEBHOOK_CHANGE = "webhook.change"
    EVENT_RELAY = "event.relay"
    AUDIT_READ = "audit.read"
    AUDIT_SEAL = "audit.seal"


_READ = frozenset(
    {
        Action.NAMESPACE_SEE,
        Action.NAMESPACE_READ,
        Action.MODEL_READ,
        Action.FILE_READ,
        Action.EVENT_READ,
        Action.DEPLOYMENT_READ,
        Action.ENVIRONMENT_READ,
        Action.EXPERIMENT_READ,
    }
)
_WRITE = _READ | {
    Action.MODEL_REGISTER,
    Action.MODEL_UPDATE,
    Action.VERSION_REGISTER,
    Action.VERSION_UPDATE,
    Action.EVALUATION_REGISTER,
    Action.ALIAS_CHANGE,
    Action.VERSION_PROMOTE,
    Action.VERSION_ROLL_BACK,
    Action.MODEL_ARCHIVE,
    Action.VERSION_ARCHIVE,
    Action.VERSION_DEPRECATE,
    Action.APPROVAL_REQUEST,
    Action.APPROVAL_COMMENT,
    Action.ENVIRONMENT_CHANGE,
    Action.EXPERIMENT_CHANGE,
    Action.RUN_LOG,
    Action.RUN_DELETE,
    Action.DEPLOYMENT_CHANGE,
    Action.DEPLOYMENT_OBSERVE,
}
_OWN = _WRITE | {
    Action.NAMESPACE_UPDATE,
    Action.GRANT_READ,
    Action.GRANT_CHANGE,
    Action.SCHEMA_CHANGE,
    Action.LIFECYCLE_CHANGE,
    Action.PROTECTED_ALIAS_CHANGE,
    Action.AUDIT_READ,
    Action.MODEL_DELETE,
    Action.EXPERIMENT_DELETE,
    Action.VERSION_DELETE,
    Action.APPROVAL_DECIDE,
    Action.APPROVAL_WITHDRAW,
    Action.FILE_READ_RETIRED,
    Action.HOLD_CHANGE,
    Action.POLICY_CHANGE,
    Action.WEBHOOK_READ,
    Action.WEBHOOK_CHANGE,
}
SYSTEM_ONLY = frozenset(
    {
        Action.UPLOAD_RECEIVE,
        Action.UPLOAD_EXPIRE,
        Action.DELETED_PURGE,
        Action.STORE_CHECK,
        Action.STORE_CLEAN,
        Action.BACKUP_WRITE,
        Action.BACKUP_READ,
        Action.BACKUP_RESTORE,
        Action.APPROVAL_EXPIRE,
        Action.AUDIT_SEAL,
        Action.EVENT_RELAY,
    }
)

PERMISSIONS: dict[Role, frozenset[Action]] = {
    Role.READER: _READ,
    Role.WRITER: _WRITE,
    Role.APPROVER: _READ
    | {
        Action.ALIAS_CHANGE,
        Action.PROTECTED_ALIAS_CHANGE,
        Action.VERSION_PROMOTE,
        Action.VERSION_ROLL_BACK,
        Action.APPROVAL_COMMENT,
        Action.APPROVAL_DECIDE,
    },
    Role.OWNER: _OWN,
    Role.AUDITOR: _READ
    | {Action.GRANT_READ, Action.SYSTEM_GRANT_READ, Action.AUDIT_READ, Action.WEBHOOK_READ},
    Role.ADMIN: frozenset(Action) - SYSTEM_ONLY,
}
NAMESPACE_ROLES = frozenset({Role.READER, Role.WRITER, Role.APPROVER, Role.OWNER})
SYSTEM_ROLES = frozenset({Role.ADMIN, Role.AUDITOR})

DENIALS: dict[Role, frozenset[Action]] = {
    Role.READER: frozenset(Action),
    Role.WRITER: frozenset(Action) - _READ,
    Role.APPROVER: PERMISSIONS[Role.APPROVER] - _READ,
    Role.OWNER: _OWN - _WRITE - PERMISSIONS[Role.APPROVER],
    Role.AUDITOR: PERMISSIONS[Role.AUDITOR] - _READ,
    Role.ADMIN: PERMISSIONS[Role.ADMIN] - _OWN - PERMISSIONS[Role.APPROVER],
}
"""What somebody may not do who is denied a role: what it adds to the roles below it; of reader and
writer, on which all the others rest, everything else as well."""

OF_NAMESPACES = frozenset(
    {
        Action.NAMESPACE_SEE,
        Action.NAMESPACE_READ,
        Action.NAMESPACE_UPDATE,
        Action.GRANT_READ,
        Action.GRANT_CHANGE,
        Action.SCHEMA_CHANGE,
        Action.LIFECYCLE_CHANGE,
        Action.WEBHOOK_READ,
        Action.WEBHOOK_CHANGE,
        Action.MODEL_REGISTER,
        Action.ENVIRONMENT_READ,
        Action.ENVIRONMENT_CHANGE,
        Action.EXPERIMENT_READ,
        Action.EXPERIMENT_CHANGE,
        Action.EXPERIMENT_DELETE,
        Action.RUN_LOG,
        Action.RUN_DELETE,
    }
)
"""What is done to a namespace itself, not to all models in it: a denial of one leaves it alone."""
