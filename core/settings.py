"""Everything that can be set, from `MODELRY_*` environment variables."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.domain.access_tokens import Pepper
from core.domain.targets import NamedTarget
from core.errors import Invalid

MIN_PEPPER_CHARACTERS = 32
LOG_LEVELS = ("debug", "info", "warning", "error", "off")
SIGNALS = ("traces", "metrics")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """An OpenID Connect issuer whose tokens are accepted.

    `name` is how grants and events call it (`group:NAME:admins`), whatever its URL. Tokens must
    carry `audience`; groups are read from `groups_claim`; only `algorithms` are accepted.
    `client_id` is the public client with which `modelry login` asks people to sign in.

    With `platform` (`github`, `gitlab`, `kubernetes`, or `custom`) it is an issuer of workloads:
    whoever has one of its tokens may do what trusted publishers say of its claims, nothing else.
    """

    name: str
    url: str
    audience: str
    groups_claim: str = "groups"
    algorithms: tuple[str, ...] = ("RS256", "PS256", "ES256", "EdDSA", "Ed25519")
    client_id: str | None = None
    platform: str | None = None


_ROLE = {
    "MODELRY_S3_ACCESS_KEY": "AWS_ACCESS_KEY_ID",
    "MODELRY_S3_SECRET_KEY": "AWS_SECRET_ACCESS_KEY",
    "MODELRY_S3_SESSION_TOKEN": "AWS_SESSION_TOKEN",
}
_URLS = {"github": "https://token.actions.githubusercontent.com", "gitlab": "https://gitlab.com"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One process's configuration; each field is the variable `MODELRY_` + its name in capitals.

    `issuers` is a JSON list of objects with the fields of `Issuer`; `admins` a comma-separated
    list of grantees that are administrators by configuration, so that nobody can lock out all;
    `token_peppers` a comma-separated list of ID:KEY, the first of which new access tokens are
    hashed under, while the others still serve older ones: without any there are no such tokens.
    list of grantees that are administrators by configuration, so that nobody can lock out all.
    `audit_key` is the secret that seals the audit log, 64 hex digits; without it nothing is
    sealed. `audit_former_keys` are public keys that it was sealed with before. `events_token` is
    what senders of events over HTTP must show; without it none are taken. `plugins` is a
    comma-separated list of those that are loaded, whatever else is installed; each call of one may
    take `plugin_timeout_seconds`. `relay_keys`, of the form of peppers, keep the secrets of
    webhooks; `relay_targets` is a JSON list of objects with the fields of `NamedTarget`.
    `log_level` is debug, info, warning, error or off. `metrics_token` is what Prometheus must
    show; without it there is nothing to fetch. `telemetry` (traces, metrics) is sent by OTLP;
    unless it is set, what `OTEL_*` variables name an address for.
    """

    mongodb_uri: str
    mongodb_database: str = "modelry"
    mongodb_walks_indexes: bool = True
    s3_endpoint: str
    s3_public_endpoint: str = ""
    s3_region: str = "us-east-1"
    s3_bucket: str = "modelry"
    s3_access_key: str
    s3_secret_key: str
    s3_session_token: str = ""
    s3_proves_sha256: bool = True
    issuers: tuple[Issuer, ...] = ()
    admins: tuple[str, ...] = ()
    public_url: str = ""
    upload_ttl_seconds: int = 24 * 3600
    put_url_ttl_seconds: int = 3600
    get_url_ttl_seconds: int = 900
    grants_ttl_seconds: int = 30
    delete_grace_seconds: int = 30 * 24 * 3600
    audit_key: str = field(default="", repr=False)
    audit_former_keys: tuple[str, ...] = ()
    audit_retention_days: int = 365
    max_file_bytes: int = 5 << 40
    max_files: int = 10_000
    max_proxied_bytes: int = 1 << 30
    token_peppers: tuple[Pepper, ...] = ()
    token_max_days: int = 90
    relay_keys: tuple[Pepper, ...] = ()
    relay_targets: tuple[NamedTarget, ...] = ()
    relay_allows_private: bool = False
    relay_timeout_seconds: int = 5
    relay_retry_seconds: int = 5
    relay_attempts: int = 16
    relay_log_days: int = 30
    events_token: str = field(default="", repr=False)
    log_level: str = "info"
    metrics_token: str = field(default="", repr=False)
    telemetry: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    plugin_timeout_seconds: int = 2

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings; raise `Invalid` naming the variable that is missing or wrong.

        Where the platform hands out credentials of a role (`AWS_ACCESS_KEY_ID` and its like), they
        are the store's, unless the store has its own.
        """
        values: dict[str, Any] = {}
        if "MODELRY_S3_ACCESS_KEY" not in environment:
            environment = {**_credentials_of_the_role(environment), **environment}
        environment = {"MODELRY_TELEMETRY": ",".join(_signals(environment)), **environment}
        for name, kind in cls.__annotations__.items():
            variable = f"MODELRY_{name.upper()}"
            text = environment.get(variable)
            if text is None:
                continue
            try:
                values[name] = _read(name, kind, text)
            except (ValueError, TypeError, KeyError) as error:
                raise Invalid(f"{variable} is set to something unusable: {error}.") from None
        try:
            return cls(**values)
        except TypeError as error:
            raise Invalid(
                f"The settings are incomplete: {error}.",
                next_step="Set the MODELRY_ variable of each field named.",
            ) from None


def secrets_named(environment: Mapping[str, str]) -> dict[str, str]:
    """The variables whose values lie in a secret, and the name of that: each is named by the
    variable with `_FROM` on its end. One that is set itself goes before."""
    variables = (f"MODELRY_{name.upper()}" for name in Settings.__annotations__)
    return {
        variable: environment[f"{variable}_FROM"]
        for variable in variables
        if environment.get(f"{variable}_FROM") and variable not in environment
    }


def _credentials_of_the_role(environment: Mapping[str, str]) -> dict[str, str]:
    return {ours: environment[theirs] for ours, theirs in _ROLE.items() if environment.get(theirs)}


def _signals(environment: Mapping[str, str]) -> list[str]:
    """What OpenTelemetry's own variables want to be sent."""
    if environment.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return []
    return [
        signal
        for signal in SIGNALS
        if environment.get(f"OTEL_{signal.upper()}_EXPORTER", "otlp") == "otlp"
        and (
            environment.get("OTEL_EXPORTER_OTLP_ENDPOINT")
            or environment.get(f"OTEL_EXPORTER_OTLP_{signal.upper()}_ENDPOINT")
        )
    ]


def _read(name: str, kind: object, text: str) -> object:
    if name == "issuers":
        items = json.loads(text)
        if not isinstance(items, list):
            raise ValueError("write a JSON list of objects")
        return tuple(_issuer(item) for item in items)
    if name == "relay_targets":
        return tuple(_target(item) for item in json.loads(text))
    if name in {"token_peppers", "relay_keys"}:
        return tuple(_pepper(part) for part in text.split(",") if part.strip())
    if name == "telemetry" and (odd := set(filter(None, text.split(","))) - set(SIGNALS)):
        raise ValueError(f"{min(odd)!r} is none of {', '.join(SIGNALS)}")
    if name in {"admins", "audit_former_keys", "plugins", "telemetry"}:
        return tuple(part.strip() for part in text.split(",") if part.strip())
    if name == "log_level" and text not in LOG_LEVELS:
        raise ValueError(f"write one of {', '.join(LOG_LEVELS)}")
    if kind is bool:
        if text.lower() not in {"true", "false"}:
            raise ValueError("write true or false")
        return text.lower() == "true"
    return int(text) if kind is int else text


def _pepper(text: str) -> Pepper:
    name, _, key = text.strip().partition(":")
    if not name or len(key) < MIN_PEPPER_CHARACTERS:
        raise ValueError(f"write ID:KEY, the key at least {MIN_PEPPER_CHARACTERS} characters")
    return Pepper(name, key)


def _target(item: Any) -> NamedTarget:
    if isinstance(item, dict) and "namespaces" in item:
        item = {**item, "namespaces": tuple(item["namespaces"])}
    return NamedTarget(**item)


def _issuer(item: Any) -> Issuer:
    if not isinstance(item, dict) or not isinstance(item.get("algorithms", []), list):
        raise ValueError("an issuer is an object, and its algorithms a list")
    if "url" not in item and item.get("platform") in _URLS:
        item = {**item, "url": _URLS[item["platform"]]}
    if "algorithms" in item:
        item = {**item, "algorithms": tuple(item["algorithms"])}
    return Issuer(**item)
