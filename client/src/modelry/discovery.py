"""Which issuer a registry trusts and where that issuer's endpoints are (RFC 9728, RFC 8414)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from urllib3.exceptions import HTTPError

from modelry.errors import Invalid, NotSignedIn, Unavailable
from modelry.network import Network, check_url
from modelry.retries import RETRIED_STATUSES, RetryPolicy
from modelry.transport import reason_of


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedIssuer:
    """An issuer as the registry names it."""

    name: str
    url: str
    audience: str = ""
    client_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """The endpoints of an issuer; None for what it does not offer."""

    issuer: str
    token: str
    device_authorization: str | None
    revocation: str | None
    scopes: tuple[str, ...] = ()
    secret_in_body: bool = False


def trusted_issuers(network: Network, url: str, retries: RetryPolicy) -> list[TrustedIssuer]:
    """The issuers whose tokens the registry at `url` takes, by its protected-resource metadata."""
    found = get_json(network, f"{url}/.well-known/oauth-protected-resource", retries)
    named = found.get("modelry_issuers")
    if isinstance(named, list):
        known = ("name", "url", "audience", "client_id")
        return [
            TrustedIssuer(**{key: item[key] for key in known if item.get(key)}) for item in named
        ]
    return [TrustedIssuer(name=at, url=at) for at in found.get("authorization_servers", [])]


def choose_issuer(issuers: list[TrustedIssuer], name: str | None) -> TrustedIssuer:
    """The one called `name`, or the one that people can sign in with.

    Raises `NotSignedIn` if there is no such, or more than one to choose from.
    """
    known = ", ".join(issuer.name for issuer in issuers) or "none"
    if name:
        matching = [issuer for issuer in issuers if name in {issuer.name, issuer.url}]
    else:
        matching = [issuer for issuer in issuers if issuer.client_id] or list(issuers)
    if len(matching) == 1:
        return matching[0]
    raise NotSignedIn(
        f"The registry trusts these issuers: {known}; {name or 'none'} was chosen.",
        next_step="Name one with --issuer.",
    )


def endpoints_of(network: Network, issuer: str, retries: RetryPolicy) -> Endpoints:
    """The issuer's endpoints, by OpenID Connect Discovery or RFC 8414.

    Raises `Invalid` if the document speaks for another issuer, which would be a mix-up attack.
    """
    check_url(issuer, "the issuer")
    parts = urlsplit(issuer)
    path = parts.path.rstrip("/")
    origin = f"{parts.scheme}://{parts.netloc}"
    try:
        found = get_json(network, f"{origin}{path}/.well-known/openid-configuration", retries)
    except Invalid:
        found = get_json(network, f"{origin}/.well-known/oauth-authorization-server{path}", retries)
    if found.get("issuer", "").rstrip("/") != issuer.rstrip("/"):
        raise Invalid(
            f"The issuer {issuer} describes itself as {found.get('issuer')!r}.",
            next_step="Have the registry's operator correct the issuer's URL.",
        )
    if not found.get("token_endpoint"):
        raise Invalid(f"The issuer {issuer} names no token endpoint.")
    methods = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return Endpoints(
        issuer=issuer,
        token=check_url(found["token_endpoint"], "the token endpoint"),
        device_authorization=found.get("device_authorization_endpoint"),
        revocation=found.get("revocation_endpoint"),
        scopes=tuple(found.get("scopes_supported") or ()),
        secret_in_body="client_secret_basic" not in methods,
    )


def get_json(
    network: Network, url: str, retries: RetryPolicy, headers: dict[str, str] | None = None
) -> Mapping[str, Any]:
    """GET a JSON object, without the registry's token.

    Raises `Unavailable` if nobody answers, `Invalid` for anything but a JSON object.
    """
    status, document = _exchange(network, "GET", url, retries, headers=headers)
    if status != 200 or not isinstance(document, dict):
        raise Invalid(
            f"{url} was answered with HTTP status {status} and no JSON object.",
            next_step="Check the address of the registry.",
        )
    return document


def post_form(
    network: Network,
    url: str,
    form: Mapping[str, str],
    retries: RetryPolicy,
    headers: dict[str, str] | None = None,
) -> tuple[int, Mapping[str, Any]]:
    """POST a form to an issuer; the status and the JSON object of the answer, `{}` if none."""
    body = urlencode({name: value for name, value in form.items() if value}).encode()
    sent = {"Content-Type": "application/x-www-form-urlencoded", **(headers or {})}
    status, document = _exchange(network, "POST", url, retries, headers=sent, body=body)
    return status, document if isinstance(document, dict) else {}


def _exchange(
    network: Network,
    method: str,
    url: str,
    retries: RetryPolicy,
    *,
    headers: dict[str, str] | None = None,
    body: bytes | None = None,
) -> tuple[int, Any]:
    attempt = 0
    while True:
        attempt += 1
        try:
            answer = network.request(
                method, url, headers={"Accept": "application/json", **(headers or {})}, body=body
            )
        except HTTPError as error:
            if retries.wait(attempt):
                continue
            raise Unavailable(
                f"{method} {url} failed: {reason_of(error)}.",
                next_step="Check the address, and that this machine reaches it.",
            ) from error
        if answer.status in RETRIED_STATUSES and retries.wait(attempt, answer.headers):
            continue
        try:
            return answer.status, json.loads(answer.data)
        except ValueError:
            return answer.status, None
