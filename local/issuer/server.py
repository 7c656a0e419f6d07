"""Authlib's authorization server, told what this issuer knows and how Starlette speaks HTTP."""

from collections.abc import Mapping
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from starlette.responses import JSONResponse, Response

from local.issuer.grants import (
    ByRole,
    DeviceAsked,
    IdentityToken,
    Memory,
    Refreshed,
    RefreshToken,
    S256Required,
    SignedInByCode,
    SignedInOnDevice,
    new_refresh_token,
)
from local.issuer.issuer import Issuer
from local.issuer.people import SCOPES, Client


class ParsedRequest(OAuth2Request):
    """A request whose form has been read already."""

    def __init__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        query: Mapping[str, str],
        form: Mapping[str, str],
    ) -> None:
        super().__init__(method, url, headers=headers)
        self._query, self._form = query, form
        self.payload = BasicOAuth2Payload({**query, **form})

    @property
    def args(self) -> Mapping[str, str]:
        return self._query

    @property
    def form(self) -> Mapping[str, str]:
        return self._form


class GrantServer(AuthorizationServer):
    """Every grant of the issuer, over one memory of what has been given out."""

    def __init__(self, issuer: Issuer) -> None:
        super().__init__(scopes_supported=list(SCOPES))
        self.issuer = issuer
        self.memory = Memory()
        tokens = BearerTokenGenerator(
            issuer.access_token, new_refresh_token, issuer.lifetime_seconds
        )
        identity = IdentityToken(issuer)
        self.register_token_generator("default", tokens)
        self.register_grant(SignedInByCode, [S256Required(required=True), identity])
        self.register_grant(SignedInOnDevice, [identity])
        self.register_grant(ByRole)
        self.register_grant(Refreshed, [identity])
        self.register_endpoint(DeviceAsked)

    def query_client(self, client_id: str) -> Client | None:
        return self.issuer.clients.get(client_id)

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        if refresh_token := token.get("refresh_token"):
            self.memory.refresh_tokens[refresh_token] = RefreshToken(
                refresh_token, request.client.client_id, request.user, token.get("scope", "")
            )

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: object, headers: Any) -> Response:
        sent = {k: v for k, v in dict(headers).items() if k.lower() != "content-type"}
        if isinstance(body, dict):
            return JSONResponse(body, status, headers=sent)
        return Response(str(body or ""), status, headers=sent)

    def send_signal(self, name: str, *arguments: Any, **named: Any) -> None:
        return None
