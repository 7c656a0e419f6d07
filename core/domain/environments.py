"""A serving environment: a place where versions are deployed to."""

import re
from dataclasses import dataclass

from core.domain.common import DESCRIBING, Described, check_common
from core.domain.fields import Field, FieldKind, Fields, common_fields
from core.domain.names import MAX_NAME_CHARACTERS, check_namespace_name, check_text
from core.errors import Invalid

KNOWN_KINDS = (
    "kserve", "sagemaker", "tf-serving", "torchserve", "seldon", "triton", "mlserver", "vllm",
    "other",
)  # fmt: skip
"""The kinds that have a word of their own everywhere; any other word will do as well."""

_KIND = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment(Described):
    """Identified by its name in the namespace, and by a decimal id that no other one ever has.

    `kind` says what serves there: `kserve`, `triton` …
    """

    id: int
    namespace: str
    name: str
    kind: str = "other"

    def patchable(self) -> frozenset[str]:
        """The fields that can be changed once the environment is there."""
        return DESCRIBING | {"kind"}

    def free(self) -> frozenset[str]:
        """The fields that hold whatever callers put there."""
        return DESCRIBING

    def __post_init__(self) -> None:
        check_namespace_name(self.namespace)
        check_text("environment name", self.name, max_characters=MAX_NAME_CHARACTERS)
        check_common(self)
        if not isinstance(self.kind, str) or not _KIND.fullmatch(self.kind):
            raise Invalid(
                f"{str(self.kind)[:60]!a} is no kind of environment.",
                next_step=f"Use a word in lower case, such as: {', '.join(KNOWN_KINDS)}.",
            )


ENVIRONMENT_FIELDS = Fields(
    "environment",
    {
        "name": Field(FieldKind.TEXT, "name"),
        "kind": Field(FieldKind.TEXT, "kind"),
        **common_fields(),
    },
)
"""What of an environment can be searched."""
