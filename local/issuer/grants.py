"""The grants that the issuer honours, on Authlib's framework-free core.

Codes and refresh tokens are kept in memory: after a restart people sign in again.
"""

import os
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    InvalidRequestError,
    OAuth2Request,
    TokenMixin,
)
from authlib.oauth2.rfc6749.grants import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    RefreshTokenGrant,
)
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc8628 import (
    DeviceAuthorizationEndpoint,
    DeviceCodeGrant,
    DeviceCredentialDict,
)
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from joserfc.jwk import RSAKey

from local.issuer.issuer import Issuer
from local.issuer.people import Client, Person

# Authlib refuses plain http, which is what the loopback interface is served over.
os.environ.setdefault("AUTHLIB_INSECURE_TRANSPORT", "1")

CODE_SECONDS = 300
POLL_SECONDS = 1


@dataclass(slots=True, kw_only=True)
class Code(AuthorizationCodeMixin):
    """An authorization code, good once and for five minutes."""

    code: str
    client_id: str
    redirect_uri: str
    scope: str
    person: Person
    nonce: str | None
    code_challenge: str
    code_challenge_method: str
    created_at: float

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str | None:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(self.created_at)

    def get_acr(self) -> None:
        return None

    def get_amr(self) -> None:
        return None


@dataclass(slots=True)
class RefreshToken(TokenMixin):
    """A refresh token, good once: using it gives the next one."""

    token: str
    client_id: str
    person: Person
    scope: str

    def check_client(self, client: Client) -> bool:
        return self.client_id == client.client_id

    def get_scope(self) -> str:
        return self.scope


@dataclass(slots=True)
class Device:
    """A device code that waits for somebody to approve it, or has been answered."""

    credential: DeviceCredentialDict
    answer: tuple[Person | None, bool] | None = None
    polled_at: float = 0.0


@dataclass(slots=True)
class Memory:
    """What has been given out and not been used up."""

    codes: dict[str, Code] = field(default_factory=dict)
    refresh_tokens: dict[str, RefreshToken] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)

    def device_of(self, user_code: str) -> Device | None:
        """The pending device that shows this code, however it was typed."""
        typed = user_code.upper().replace("-", "").strip()
        for device in self.devices.values():
            credential = device.credential
            if credential["user_code"].replace("-", "") == typed and not credential.is_expired():
                return device
        return None


class SignedInByCode(AuthorizationCodeGrant):
    """RFC 6749, section 4.1."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def save_authorization_code(self, code: str, request: OAuth2Request) -> None:
        asked = request.payload.data
        self.server.memory.codes[code] = Code(
            code=code,
            client_id=request.client.client_id,
            redirect_uri=request.payload.redirect_uri,
            scope=request.scope,
            person=request.user,
            nonce=asked.get("nonce"),
            code_challenge=asked["code_challenge"],
            code_challenge_method=asked["code_challenge_method"],
            created_at=time.time(),
        )

    def query_authorization_code(self, code: str, client: Client) -> Code | None:
        found = self.server.memory.codes.get(code)
        if found is None or found.client_id != client.client_id:
            return None
        return found if time.time() - found.created_at < CODE_SECONDS else None

    def delete_authorization_code(self, authorization_code: Code) -> None:
        self.server.memory.codes.pop(authorization_code.code, None)

    def authenticate_user(self, authorization_code: Code) -> Person:
        return authorization_code.person


class S256Required(CodeChallenge):
    """RFC 7636 with the one method that proves anything; `plain` and none at all are refused."""

    DEFAULT_CODE_CHALLENGE_METHOD = "S256"
    SUPPORTED_CODE_CHALLENGE_METHOD = ("S256",)

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
            raise InvalidRequestError("PKCE with code_challenge_method=S256 is required.")
        super().validate_code_challenge(grant, redirect_uri)


class IdentityToken(OpenIDCode):
    """The id_token beside the access token, if the scope says `openid`."""

    def __init__(self, issuer: Issuer) -> None:
        super().__init__(require_nonce=False)
        self.issuer = issuer

    def resolve_client_private_key(self, client: Client) -> RSAKey:
        return self.issuer.keys.current

    def get_encode_header(self, client: Client) -> dict[str, str | None]:
        return {"alg": "RS256", "kid": self.issuer.keys.current.kid}

    def get_client_claims(self, client: Client) -> dict[str, Any]:
        return {"iss": self.issuer.url, "aud": [client.client_id]}

    def exists_nonce(self, nonce: str, request: OAuth2Request) -> bool:
        return False

    def generate_user_info(self, user: Person, scope: str) -> UserInfo:
        return UserInfo(sub=user.subject, **user.claims)


class ByRole(ClientCredentialsGrant):
    """RFC 6749, section 4.4: how `make token` gets a token of a role."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")


class Refreshed(RefreshTokenGrant):
    """RFC 6749, section 6, each token good once."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, refresh_token: str) -> RefreshToken | None:
        return self.server.memory.refresh_tokens.get(refresh_token)

    def authenticate_user(self, refresh_token: RefreshToken) -> Person:
        return refresh_token.person

    def revoke_old_credential(self, refresh_token: RefreshToken) -> None:
        self.server.memory.refresh_tokens.pop(refresh_token.token, None)


class DeviceAsked(DeviceAuthorizationEndpoint):
    """RFC 8628, section 3.1: a device asks for a code to show."""

    EXPIRES_IN = 600
    INTERVAL = POLL_SECONDS
    CLIENT_AUTH_METHODS = ("none",)

    def get_verification_uri(self) -> str:
        return f"{self.server.issuer.url}/device"

    def save_device_credential(self, client_id: str, scope: str, data: dict[str, Any]) -> None:
        expires_at = time.time() + data["expires_in"]
        credential = DeviceCredentialDict(
            data, client_id=client_id, scope=scope, expires_at=expires_at
        )
        self.server.memory.devices[data["device_code"]] = Device(credential)


class SignedInOnDevice(DeviceCodeGrant):
    """RFC 8628, section 3.4: the device asks whether somebody approved."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("none",)

    def query_device_credential(self, device_code: str) -> DeviceCredentialDict | None:
        device = self.server.memory.devices.get(device_code)
        return device.credential if device else None

    def query_user_grant(self, user_code: str) -> tuple[Person | None, bool] | None:
        device = self.server.memory.device_of(user_code)
        return device.answer if device else None

    def should_slow_down(self, credential: DeviceCredentialDict) -> bool:
        device = self.server.memory.devices[credential["device_code"]]
        since, device.polled_at = time.time() - device.polled_at, time.time()
        return since < POLL_SECONDS / 2

    def save_token(self, token: dict[str, Any]) -> None:
        super().save_token(token)
        self.server.memory.devices.pop(self.request.credential["device_code"], None)


def new_refresh_token(**_: Any) -> str:
    """An opaque token that cannot be guessed."""
    return secrets.token_urlsafe(40)
