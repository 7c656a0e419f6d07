"""Access from the command line and the SDK: grants, decisions, tokens, accounts, publishers."""

import secrets

import pytest

from modelry import Forbidden, Invalid, Modelry, NotSignedIn
from tests.client.test_cli import Run, document, name, run
from tests.parts import LocalRegistry

__all__ = ["name", "run"]


@pytest.fixture
def model(registry: Modelry) -> str:
    made = f"access-{secrets.token_hex(4)}"
    registry.register_model(made)
    return made


def test_grants_are_given_denied_listed_and_taken(run: Run, registry: Modelry, model: str) -> None:
    grantee = f"subject:dev:{model}"

    given = run(
        "access", "grant", "-m", model, "--until", "2099-01-01T00:00:00Z", grantee, "reader"
    )
    assert f"{grantee} has the role reader in default/{model} until 2099" in given.stderr
    assert (
        "is denied the role writer" in run("access", "deny", "-m", model, grantee, "writer").stderr
    )
    listed = run("access", "list").stdout
    assert "not writer" in next(line for line in listed.splitlines() if grantee in line)
    (kept,) = registry.grants(model=model)
    assert kept.raw["effect"] == "deny"
    assert run("access", "revoke", "-m", model, grantee).returncode == 0
    assert list(registry.grants(model=model)) == []


def test_a_decision_is_explained_and_no_is_an_exit_code(run: Run, model: str) -> None:
    may = run("can-i", "version.register", model)
    may_not = run("can-i", "namespace.create", "--json")

    assert may.stdout.startswith("yes: A grant gives group:dev:owners the role owner")
    assert may_not.returncode == 4
    assert '"allowed": false' in may_not.stdout
    assert "grant group:dev:owners" in run("whoami").stdout


def test_a_service_account_is_made_and_its_token_works_once_granted(
    run: Run, registry: Modelry, local_registry: LocalRegistry, model: str
) -> None:
    account = document(run("service-account", "create", model, "--json"))
    registry.grant(account["grantee"], "reader", model=model)
    text = run("service-account", "token", "create", model, "blue").stdout.strip()
    assert text.startswith("mdl_sat_")

    with Modelry(local_registry.url, text) as program:
        assert program.model(model).name == model
        assert program.whoami().principal == account["grantee"]
        with pytest.raises(Forbidden):
            program.create_token("more")
    (token,) = registry.access_tokens(account=model)
    assert token.id in run("service-account", "token", "list", model).stdout
    assert run("service-account", "token", "revoke", model, token.id).returncode == 0
    with Modelry(local_registry.url, text) as program, pytest.raises(NotSignedIn, match="revoked"):
        program.whoami()
    assert run("service-account", "delete", model).returncode == 0
    assert model not in [each.name for each in registry.service_accounts()]


def test_a_token_of_ones_own_needs_something_of_ones_own(run: Run, registry: Modelry) -> None:
    refused = run("token", "create", "laptop")
    assert (refused.returncode, "could do nothing" in refused.stderr) == (4, True)

    assert list(registry.access_tokens()) == []
    assert run("token").stdout.strip().count(".") == 2, "alone it prints the token that is sent"


def test_a_publisher_of_an_issuer_that_is_not_trusted_is_refused(registry: Modelry) -> None:
    with pytest.raises(Invalid, match="no issuer of workloads"):
        registry.set_publisher("release", "dev", {"sub": "x"}, role="reader")
    assert list(registry.publishers()) == []
