"""Signing in: the device flow for people (RFC 8628), client credentials for services, renewal."""

import base64
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from modelry.credentials import Credentials, Login
from modelry.discovery import (
    Endpoints,
    TrustedIssuer,
    choose_issuer,
    endpoints_of,
    post_form,
    trusted_issuers,
)
from modelry.errors import NotSignedIn, Unavailable
from modelry.network import Network
from modelry.retries import RetryPolicy

DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SPARE_SECONDS = 30
_SCOPES = ("openid", "profile", "email", "groups", "offline_access")


@dataclass(frozen=True, slots=True)
class DevicePrompt:
    """What a person is shown: open `address` in a browser anywhere and confirm `code`.

    `complete_address` holds the code already, None if the issuer offers no such.
    """

    address: str
    code: str
    complete_address: str | None
    expires_in_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Ways to get tokens for one registry. Nothing is stored here."""

    url: str
    network: Network
    retries: RetryPolicy
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time

    def issuer(self, name: str | None = None) -> TrustedIssuer:
        """The issuer to sign in with; raises `NotSignedIn` if it is not clear which."""
        return choose_issuer(trusted_issuers(self.network, self.url, self.retries), name)

    def by_device(
        self, issuer: TrustedIssuer, show: Callable[[DevicePrompt], None], *, client_id: str = ""
    ) -> Login:
        """Let a person confirm in a browser, and wait for it.

        Raises `NotSignedIn` if it was refused, took too long or is not offered.
        """
        client_id = client_id or issuer.client_id or ""
        endpoints = endpoints_of(self.network, issuer.url, self.retries)
        if not client_id or not endpoints.device_authorization:
            raise NotSignedIn(
                f"The issuer {issuer.name} lets nobody sign in from a command line.",
                next_step="Set MODELRY_TOKEN, or have the operator set a client_id for it.",
            )
        form = {
            "client_id": client_id,
            "scope": " ".join(scope for scope in _SCOPES if scope in endpoints.scopes) or "openid",
            "audience": issuer.audience,
        }
        status, grant = post_form(self.network, endpoints.device_authorization, form, self.retries)
        if status != 200 or not grant.get("device_code"):
            raise _refused(issuer, grant, status)
        expires = int(grant.get("expires_in") or 600)
        show(
            DevicePrompt(
                str(grant.get("verification_uri") or grant.get("verification_url")),
                str(grant["user_code"]),
                grant.get("verification_uri_complete"),
                expires,
            )
        )
        token = self._await_device(issuer, endpoints, client_id, grant, expires)
        return self._login(token, issuer, endpoints, client_id)

    def by_secret(self, issuer: TrustedIssuer, client_id: str, client_secret: str) -> Login:
        """A service's own token (client credentials). Raises `NotSignedIn` if it is refused."""
        endpoints = endpoints_of(self.network, issuer.url, self.retries)
        form = {"grant_type": "client_credentials", "audience": issuer.audience}
        headers = {}
        if endpoints.secret_in_body:
            form |= {"client_id": client_id, "client_secret": client_secret}
        else:
            pair = f"{quote(client_id, safe='')}:{quote(client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        status, token = post_form(self.network, endpoints.token, form, self.retries, headers)
        if status != 200 or not token.get("access_token"):
            raise _refused(issuer, token, status)
        return self._login(token, issuer, endpoints, client_id)

    def by_refresh(self, login: Login) -> Login:
        """A new access token for a stored login. Raises `NotSignedIn` if it has run out."""
        form = {
            "grant_type": "refresh_token",
            "refresh_token": login.refresh_token or "",
            "client_id": login.client_id,
        }
        status, token = post_form(self.network, login.token_endpoint, form, self.retries)
        if status >= 500:
            raise Unavailable(f"The issuer {login.issuer} does not renew sign-ins now.")
        if status != 200 or not token.get("access_token"):
            raise NotSignedIn(
                f"Your sign-in at {self.url} has run out.", next_step="Run `modelry login`."
            )
        return replace(
            login,
            access_token=token["access_token"],
            refresh_token=token.get("refresh_token") or login.refresh_token,
            expires_at=self._expiry(token),
        )

    def revoke(self, login: Login) -> None:
        """Ask the issuer to forget a refresh token (RFC 7009), where it offers that."""
        endpoints = endpoints_of(self.network, login.issuer, self.retries)
        if endpoints.revocation and login.refresh_token:
            form = {"token": login.refresh_token, "client_id": login.client_id}
            post_form(self.network, endpoints.revocation, form, self.retries)

    def _await_device(
        self,
        issuer: TrustedIssuer,
        endpoints: Endpoints,
        client_id: str,
        grant: Mapping[str, Any],
        expires_in_seconds: int,
    ) -> Mapping[str, Any]:
        form = {
            "grant_type": DEVICE_GRANT,
            "device_code": str(grant["device_code"]),
            "client_id": client_id,
        }
        interval = float(grant.get("interval") or 5)
        deadline = self.clock() + expires_in_seconds
        while self.clock() < deadline:
            self.sleep(interval)
            status, token = post_form(self.network, endpoints.token, form, self.retries)
            if status == 200 and token.get("access_token"):
                return token
            match token.get("error"):
                case "authorization_pending":
                    continue
                case "slow_down":
                    interval += 5
                case "expired_token":
                    break
                case _:
                    raise _refused(issuer, token, status)
        raise NotSignedIn(
            "Nobody confirmed the code in time.", next_step="Run `modelry login` again."
        )

    def _login(
        self, token: Mapping[str, Any], issuer: TrustedIssuer, endpoints: Endpoints, client_id: str
    ) -> Login:
        return Login(
            access_token=token["access_token"],
            issuer=issuer.url,
            client_id=client_id,
            audience=issuer.audience,
            token_endpoint=endpoints.token,
            refresh_token=token.get("refresh_token"),
            expires_at=self._expiry(token),
        )

    def _expiry(self, token: Mapping[str, Any]) -> float | None:
        seconds = token.get("expires_in")
        return None if seconds is None else self.clock() + float(seconds)


class StoredLogin:
    """The token of a stored login, renewed shortly before it ends."""

    def __init__(self, sign_in: SignIn, credentials: Credentials) -> None:
        self._sign_in = sign_in
        self._credentials = credentials

    def token(self, *, renew: bool = False) -> str | None:
        """A token good for at least half a minute; None if nobody is signed in.

        Raises `NotSignedIn` if the sign-in has run out.
        """
        url = self._sign_in.url
        login = self._credentials.get(url)
        if login is None or not (renew or self._ends_soon(login)):
            return login.access_token if login else None
        if not login.refresh_token:
            if renew:
                return None
            raise NotSignedIn(
                f"Your sign-in at {url} has run out.", next_step="Run `modelry login`."
            )
        with self._credentials.locked():
            # Another process may have spent the refresh token and stored the next one.
            now = self._credentials.get(url)
            if now and now.access_token != login.access_token:
                return now.access_token
            fresh = self._sign_in.by_refresh(login)
            self._credentials.put(url, fresh)
            return fresh.access_token

    def _ends_soon(self, login: Login) -> bool:
        return (
            login.expires_at is not None
            and login.expires_at < self._sign_in.clock() + SPARE_SECONDS
        )


def _refused(issuer: TrustedIssuer, answer: Mapping[str, Any], status: int) -> NotSignedIn:
    reason = answer.get("error_description") or answer.get("error") or f"HTTP status {status}"
    return NotSignedIn(
        f"The issuer {issuer.name} gave no token: {reason}.",
        next_step="Check who signs in and with what, then run `modelry login` again.",
    )
