"""The development issuer as programs and browsers meet it, over HTTP."""

import base64
import hashlib
import http.client
import json
import secrets
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from local.issuer.app import create_app
from local.issuer.issuer import Issuer
from local.issuer.people import DEVICE_CODE
from local.state import Home
from tests.parts import LocalRegistry

REDIRECT = "http://127.0.0.1:54321/callback"
CLIENT = {"client_id": "modelry-cli"}


class Browser:
    """Whatever talks to the issuer: no cookies, no following of redirects."""

    def __init__(self, netloc: str) -> None:
        self.netloc = netloc

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], str]:
        return self._send("GET", path, None, headers)

    def post(
        self, path: str, form: dict[str, str], **headers: str
    ) -> tuple[int, dict[str, str], str]:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._send("POST", path, urlencode(form), headers)

    def token(self, form: dict[str, str], **headers: str) -> tuple[int, dict[str, str]]:
        status, _, text = self.post("/token", form, **headers)
        return status, json.loads(text)

    def keys(self) -> KeySet:
        return KeySet.import_key_set(json.loads(self.get("/jwks")[2]))

    def _send(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection(self.netloc, timeout=30)
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text
        finally:
            connection.close()


@pytest.fixture
def browser(local_registry: LocalRegistry) -> Browser:
    addresses = Home(local_registry.folder).addresses()
    assert addresses is not None
    return Browser(urlsplit(addresses["issuer"]).netloc)


def authorization(verifier: str, **changes: str | None) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        **CLIENT,
        "response_type": "code",
        "redirect_uri": REDIRECT,
        "scope": "openid",
        "state": "xyz",
        "nonce": "n-1",
        "code_challenge": base64.urlsafe_b64encode(digest).decode().rstrip("="),
        "code_challenge_method": "S256",
        **changes,
    }
    return "/authorize?" + urlencode({k: v for k, v in asked.items() if v is not None})


def code_for(browser: Browser, verifier: str, person: str = "bob") -> dict[str, str]:
    """The form that changes a fresh code of this person into tokens."""
    status, headers, text = browser.post(authorization(verifier), {"user": person})
    assert status == 302, text
    target = urlsplit(headers["location"])
    query = parse_qs(target.query)
    assert headers["location"].startswith(REDIRECT)
    assert query["state"] == ["xyz"]
    return {
        **CLIENT,
        "grant_type": "authorization_code",
        "code": query["code"][0],
        "redirect_uri": REDIRECT,
        "code_verifier": verifier,
    }


def device(browser: Browser) -> tuple[dict[str, str], str]:
    """The form with which a new device asks for its tokens, and the code it shows."""
    status, _, text = browser.post("/device_authorization", {**CLIENT, "scope": "openid"})
    assert status == 200, text
    said = json.loads(text)
    form = {**CLIENT, "grant_type": DEVICE_CODE, "device_code": said["device_code"]}
    return form, said["user_code"]


def test_somebody_signs_in_with_a_browser(browser: Browser) -> None:
    verifier = secrets.token_urlsafe(48)
    assert "bob" in browser.get(authorization(verifier))[2]

    status, said = browser.token(code_for(browser, verifier))

    assert status == 200, said
    keys = browser.keys()
    access = jwt.decode(said["access_token"], keys)
    assert access.header["typ"] == "at+jwt"
    assert (access.claims["sub"], access.claims["aud"]) == ("bob", "modelry")
    assert access.claims["groups"] == ["readers"]
    identity = jwt.decode(said["id_token"], keys).claims
    assert (identity["nonce"], identity["aud"]) == ("n-1", ["modelry-cli"])


def test_a_code_is_good_once_and_for_its_verifier_only(browser: Browser) -> None:
    verifier = secrets.token_urlsafe(48)
    form = code_for(browser, verifier)

    wrong = browser.token({**form, "code_verifier": secrets.token_urlsafe(48)})
    none = browser.token({k: v for k, v in form.items() if k != "code_verifier"})
    elsewhere = browser.token({**form, "redirect_uri": "http://127.0.0.1:1/"})
    right = browser.token(form)
    again = browser.token(form)

    assert [status for status, _ in (wrong, none, elsewhere, right, again)] == [
        400,
        400,
        400,
        200,
        400,
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"redirect_uri": "http://127.0.0.1.example.org/callback"},
        {"redirect_uri": "http://127.0.0.1:80@example.org/"},
        {"redirect_uri": "https://example.org/"},
        {"client_id": "nobody"},
        {"response_type": "token"},
    ],
)
def test_an_unsound_request_never_shows_the_sign_in_page(
    browser: Browser, changes: dict[str, str | None]
) -> None:
    address = authorization(secrets.token_urlsafe(48), **changes)

    shown, _, page = browser.get(address)
    _, headers, _ = browser.post(address, {"user": "alice"})

    assert shown in {400, 401}, page
    assert "code=" not in headers.get("location", "")


def test_a_refresh_token_is_good_once(browser: Browser) -> None:
    _, said = browser.token(code_for(browser, verifier := secrets.token_urlsafe(48)))
    assert verifier
    form = {**CLIENT, "grant_type": "refresh_token", "refresh_token": said["refresh_token"]}

    status, refreshed = browser.token(form)
    again, _ = browser.token(form)

    assert (status, again) == (200, 400)
    assert refreshed["refresh_token"] != said["refresh_token"]
    assert jwt.decode(refreshed["access_token"], browser.keys()).claims["sub"] == "bob"


def test_a_terminal_is_signed_in_when_somebody_approves(browser: Browser) -> None:
    form, user_code = device(browser)
    assert browser.token(form)[1]["error"] == "authorization_pending"
    assert browser.token(form)[1]["error"] == "slow_down"

    typed = user_code.lower().replace("-", "")
    assert browser.post("/device", {"user_code": typed, "user": "carol"})[0] == 200

    status, said = browser.token(form)
    assert status == 200, said
    assert jwt.decode(said["access_token"], browser.keys()).claims["groups"] == ["writers"]
    assert browser.token(form)[0] == 400, "a device code is good once"


def test_a_terminal_is_told_of_a_denial(browser: Browser) -> None:
    form, user_code = device(browser)

    browser.post("/device", {"user_code": user_code, "deny": "yes"})

    assert browser.token(form)[1]["error"] == "access_denied"


def test_a_device_code_nobody_asked_for_is_not_approved(browser: Browser) -> None:
    assert browser.post("/device", {"user_code": "AAAA-AAAA", "user": "alice"})[0] == 404


def test_a_form_sent_by_another_site_is_refused(browser: Browser) -> None:
    form, user_code = device(browser)
    answer = {"user_code": user_code, "user": "alice"}

    status, _, _ = browser.post("/device", answer, Origin="https://example.org")

    assert status == 403
    assert browser.token(form)[1]["error"] == "authorization_pending"


def test_a_foreign_host_name_is_refused(browser: Browser) -> None:
    assert browser.get("/device", Host="example.org")[0] == 400


def test_a_wrong_secret_gets_nothing(browser: Browser) -> None:
    basic = base64.b64encode(b"dev-admin:wrong").decode()

    status, _ = browser.token({"grant_type": "client_credentials"}, Authorization=f"Basic {basic}")

    assert status == 401


def test_the_published_keys_have_no_private_part(browser: Browser) -> None:
    status, _, text = browser.get("/jwks")

    (key,) = json.loads(text)["keys"]
    assert status == 200
    assert set(key) == {"kty", "n", "e", "kid", "use", "alg"}


def test_what_it_announces_is_there(browser: Browser) -> None:
    document = json.loads(browser.get("/.well-known/openid-configuration")[2])

    assert document["issuer"] == f"http://{browser.netloc}"
    for name, address in document.items():
        if name.endswith(("_endpoint", "_uri")):
            assert browser.get(urlsplit(address).path)[0] != 404, name


def test_keys_turn_over_and_the_one_before_is_still_published() -> None:
    issuer = Issuer("http://127.0.0.1:1")
    before = issuer.token_for("alice", "admins")
    forged = issuer.mint({"sub": "alice"}, key=Issuer("http://127.0.0.1:1").keys.current)

    issuer.keys.rotate()

    after = issuer.token_for("alice", "admins")
    published = KeySet.import_key_set(issuer.keys.public())
    assert jwt.decode(before, published).claims["sub"] == "alice"
    assert jwt.decode(after, published).header["kid"] == issuer.keys.current.kid
    with pytest.raises(InvalidKeyIdError):
        jwt.decode(forged, published)
    issuer.keys.rotate(keep=0)
    assert len(issuer.keys.public()["keys"]) == 1


def test_it_is_not_served_to_other_machines() -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1 only"):
        create_app(Issuer("http://registry.example.org"))
