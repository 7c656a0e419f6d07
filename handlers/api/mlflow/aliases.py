"""Aliases as MLflow's clients use them: shared with all other clients of the registry."""

from core.domain.access import Caller
from core.domain.names import check_alias_name
from core.domain.versions import ByAlias, Latest, ModelVersion
from core.errors import Invalid, NotFound
from core.registry import Registry


def version_with_alias(
    registry: Registry, caller: Caller, namespace: str, model: str, alias: str
) -> ModelVersion:
    """The version that the alias points to, in one query; `latest` is the newest.

    Raises `NotFound` if there is no such model, and `Invalid`, as the original does, if it has no
    such alias.
    """
    is_latest = alias.casefold() == "latest"
    reference = Latest() if is_latest else ByAlias(check_alias_name(alias))
    try:
        return registry.versions.get(caller, namespace, model, reference)
    except NotFound as error:
        registry.models.get(caller, namespace, model)
        raise Invalid(
            f"Registered model alias {alias[:80]!a} not found.", next_step=error.next_step
        ) from None


def drop_alias(registry: Registry, caller: Caller, namespace: str, model: str, alias: str) -> None:
    """Take the alias away if it is there. Raises `NotFound` if there is no such model."""
    if alias in registry.models.get(caller, namespace, model).aliases:
        registry.aliases.remove(caller, namespace, model, alias)
