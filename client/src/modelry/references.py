"""How models and versions are named in text: `fraud/scorer@champion`, `scorer:3`, `scorer`."""

import re
from dataclasses import dataclass, replace
from urllib.parse import quote

from modelry.errors import Invalid

DEFAULT_NAMESPACE = "default"

_NAMESPACE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NUMBER = re.compile(r"v?([0-9]{1,9})")
_DIGEST = re.compile(r"(?:sha256|fingerprint):[0-9a-f]{64}")
_SEMANTIC = re.compile(
    r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}"
    r"(?:-(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)"
    r"(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*)?"
    r"(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?"
)
_COMPATIBLE = re.compile(r"~=(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){1,2}")
_MAX_SEMANTIC_CHARACTERS = 99
_ALIAS = re.compile(r"\w[\w.-]{0,254}")
_STAGE = re.compile(r"stage:\w[\w.-]{0,63}")
_FORMS = (
    "Write MODEL, NAMESPACE/MODEL, and for one version MODEL:3, MODEL:1.2.0, MODEL:~=1.2,"
    " MODEL@alias, MODEL:latest, MODEL:stage:NAME, MODEL@sha256:… or MODEL@fingerprint:…"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """A model, or one version of it.

    `version` is spelt as the registry's URLs do: `3`, `1.2.0`, `~=1.2`, `latest`, `@champion`,
    `stage:Production`, `sha256:…`, `fingerprint:…`; None means the model itself. `namespace` is
    None where the text names none.
    """

    model: str
    version: str | None = None
    namespace: str | None = None

    def __str__(self) -> str:
        prefix = f"{self.namespace}/" if self.namespace else ""
        if self.version is None:
            return f"{prefix}{self.model}"
        if _DIGEST.fullmatch(self.version):
            return f"{prefix}{self.model}@{self.version}"
        separator = "" if self.version.startswith("@") else ":"
        return f"{prefix}{self.model}{separator}{self.version}"

    @property
    def alias(self) -> str | None:
        """The alias that it names, without the `@`; None if it names something else."""
        return self.version[1:] if self.version and self.version.startswith("@") else None

    def within(self, namespace: str) -> "Reference":
        """The same, in `namespace` unless it names its own."""
        return self if self.namespace else replace(self, namespace=namespace)

    def model_path(self) -> str:
        """The URL path of the model, below `/api/v1`."""
        namespace = quote(self.namespace or DEFAULT_NAMESPACE, safe="")
        return f"/namespaces/{namespace}/models/{quote(self.model, safe='')}"

    def path(self, *, of_alias: bool = False) -> str:
        """The URL path of the model, or of the version if one is named; `of_alias`: of the alias
        itself where the version is named by one."""
        if self.version is None:
            return self.model_path()
        if of_alias and self.alias is not None:
            return f"{self.model_path()}/aliases/{quote(self.alias, safe='')}"
        return self.version_path()

    def version_path(self) -> str:
        """The URL path of the version, `latest` if none is named, below `/api/v1`."""
        return f"{self.model_path()}/versions/{quote(self.version or 'latest', safe='@:')}"


def parse_reference(text: str) -> Reference:
    """Read a reference; raise `Invalid` for text that is none, saying what there is."""
    namespace, slash, rest = text.rpartition("/")
    if slash and not _NAMESPACE.fullmatch(namespace):
        raise _invalid(text, f"{namespace!r} is no namespace name")
    cut = next((at for at, character in enumerate(rest) if character in "@:"), len(rest))
    model, version = rest[:cut], rest[cut:]
    if not model or model != model.strip() or model in {".", ".."} or "\\" in model:
        raise _invalid(text, "it has no proper model name")
    return Reference(model, _version(text, version), namespace or None)


def check_namespace(name: str) -> str:
    """Return `name` if it can name a namespace; raise `Invalid` if not."""
    if not _NAMESPACE.fullmatch(name):
        raise Invalid(
            f"{name!r} is no namespace name.",
            next_step="Use 1 to 63 lower-case letters, digits and inner hyphens: 'fraud-team'.",
        )
    return name


def check_alias(name: str) -> str:
    """Return `name`, less a leading `@`, if it can be an alias; raise `Invalid` if not."""
    name = name.removeprefix("@")
    if not _ALIAS.fullmatch(name):
        raise Invalid(f"{name!r} is no alias.", next_step="Use a word such as 'champion'.")
    return name


def _version(text: str, version: str) -> str | None:
    if not version:
        return None
    separator, name = version[0], version[1:]
    if name == "latest":
        return name
    if separator == "@" and _DIGEST.fullmatch(name):
        return name
    if separator == "@" and _ALIAS.fullmatch(name):
        return f"@{name}"
    if separator == ":" and _STAGE.fullmatch(name):
        return name
    if separator == ":" and (number := _NUMBER.fullmatch(name)):
        return str(int(number[1]))
    if separator == ":" and len(name) <= _MAX_SEMANTIC_CHARACTERS:
        if _COMPATIBLE.fullmatch(name):
            return name
        if _SEMANTIC.fullmatch(exact := name.removeprefix("==")):
            return exact
    if separator == ":" and re.fullmatch(r"(?:==|~=|v?[0-9]+\.).*", name, re.DOTALL):
        raise _invalid(
            text,
            f"{name!r} is neither a semantic version, such as 1.2.0, nor a range, such as ~=1.2",
        )
    if separator == ":" and _ALIAS.fullmatch(name):
        raise _invalid(text, f"aliases follow an '@', numbers a ':' (did you mean @{name}?)")
    raise _invalid(text, f"{version!r} names no version")


def _invalid(text: str, reason: str) -> Invalid:
    return Invalid(f"{text!r} is no reference to a model: {reason}.", next_step=_FORMS)
