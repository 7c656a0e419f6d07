"""The issuer over HTTP, for the loopback interface only."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oauth2 import OAuth2Error
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from local.issuer.issuer import Issuer
from local.issuer.pages import device_page, error_page, note_page, sign_in_page
from local.issuer.server import GrantServer, ParsedRequest

LOOPBACK = frozenset({"127.0.0.1", "localhost"})


def create_app(issuer: Issuer) -> Starlette:
    """The issuer's endpoints and pages. Raises `ValueError` unless its URL is a loopback one."""
    if urlsplit(issuer.url).hostname not in LOOPBACK:
        raise ValueError(f"The development issuer serves 127.0.0.1 only, not {issuer.url}.")
    endpoints = Endpoints(issuer)
    routes = [
        Route("/.well-known/openid-configuration", endpoints.discovery),
        Route("/.well-known/oauth-authorization-server", endpoints.discovery),
        Route("/jwks", endpoints.jwks),
        Route("/authorize", endpoints.ask, methods=["GET"]),
        Route("/authorize", endpoints.authorize, methods=["POST"]),
        Route("/token", endpoints.token, methods=["POST"]),
        Route("/device_authorization", endpoints.device_authorization, methods=["POST"]),
        Route("/device", endpoints.device, methods=["GET"]),
        Route("/device", endpoints.approve_device, methods=["POST"]),
    ]
    # A web page that names this machine by a host name of its own is kept out by the host check.
    guards = [Middleware(TrustedHostMiddleware, allowed_hosts=sorted(LOOPBACK))]
    return Starlette(routes=routes, middleware=guards)


class Endpoints:
    """What each address does."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self.grants = GrantServer(issuer)

    async def discovery(self, _: Request) -> Response:
        return JSONResponse(self.issuer.discovery())

    async def jwks(self, _: Request) -> Response:
        return JSONResponse(self.issuer.keys.public())

    async def ask(self, request: Request) -> Response:
        """Show the sign-in page, once the request has been found sound."""
        try:
            self.grants.get_consent_grant(await _parsed(request), end_user=None)
        except OAuth2Error as error:
            return HTMLResponse(error_page(dict(error.get_body())), error.status_code)
        return HTMLResponse(sign_in_page(self.issuer.people.values()))

    async def authorize(self, request: Request) -> Response:
        """Send whoever pressed a button back with a code."""
        parsed = await _parsed(request)
        if _is_foreign(request):
            return HTMLResponse(note_page("No", "Another site sent this form."), 403)
        try:
            grant = self.grants.get_authorization_grant(parsed)
        except OAuth2Error as error:
            return HTMLResponse(error_page(dict(error.get_body())), error.status_code)
        person = self.issuer.people.get(parsed.form.get("user", ""))
        answer: Response = self.grants.create_authorization_response(
            parsed, grant_user=person, grant=grant
        )
        return answer

    async def token(self, request: Request) -> Response:
        answer: Response = self.grants.create_token_response(await _parsed(request))
        return answer

    async def device_authorization(self, request: Request) -> Response:
        answer: Response = self.grants.create_endpoint_response(
            "device_authorization", await _parsed(request)
        )
        return answer

    async def device(self, request: Request) -> Response:
        user_code = request.query_params.get("user_code", "")
        return HTMLResponse(device_page(self.issuer.people.values(), user_code))

    async def approve_device(self, request: Request) -> Response:
        """Note who approved (or denied) the device that shows the code."""
        if _is_foreign(request):
            return HTMLResponse(note_page("No", "Another site sent this form."), 403)
        form = await _form(request)
        device = self.grants.memory.device_of(form.get("user_code", ""))
        person = self.issuer.people.get(form.get("user", ""))
        if device is None or device.answer is not None:
            text = "No terminal is waiting with this code. Start again there."
            return HTMLResponse(note_page("Unknown code", text), 404)
        if form.get("deny"):
            device.answer = (None, False)
            return HTMLResponse(note_page("Denied", "The terminal has been told."))
        if person is None:
            return HTMLResponse(note_page("Who are you?", "Go back and choose somebody."), 400)
        device.answer = (person, True)
        text = f"The terminal is signed in as {person.subject}. You can close this page."
        return HTMLResponse(note_page("Done", text))


def _is_foreign(request: Request) -> bool:
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


async def _form(request: Request) -> dict[str, str]:
    text = (await request.body()).decode("utf-8", "replace")
    return dict(parse_qsl(text, keep_blank_values=True))


async def _parsed(request: Request) -> ParsedRequest:
    form: dict[str, Any] = await _form(request) if request.method == "POST" else {}
    return ParsedRequest(
        request.method, str(request.url), request.headers, dict(request.query_params), form
    )
