"""The file of logins."""

import stat
from pathlib import Path

import pytest

from modelry.credentials import Credentials, Login, credentials_path
from modelry.errors import Invalid

URL = "https://models.example.org"


def test_a_login_is_read_back_as_it_was_stored() -> None:
    login = Login(access_token="a", issuer="https://i", refresh_token="r", expires_at=12.5)
    Credentials().put(URL, login)

    assert Credentials().get(URL) == login
    assert Credentials().get("https://other") is None


def test_the_file_and_its_folder_are_for_the_owner_alone(own_settings: Path) -> None:
    Credentials().put(URL, Login(access_token="secret"))
    path = credentials_path()

    assert path.is_relative_to(own_settings)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [entry.name for entry in path.parent.iterdir() if "credentials-" in entry.name] == []


def test_a_file_that_others_can_read_is_not_used() -> None:
    Credentials().put(URL, Login(access_token="secret"))
    credentials_path().chmod(0o644)

    with pytest.raises(Invalid, match="chmod 600"):
        Credentials().get(URL)


def test_a_broken_file_is_reported_with_what_to_do() -> None:
    Credentials().put(URL, Login(access_token="secret"))
    credentials_path().write_text("{")

    with pytest.raises(Invalid, match="sign in again"):
        Credentials().get(URL)


def test_the_last_login_is_the_default_until_it_is_removed() -> None:
    credentials = Credentials()
    credentials.put(URL, Login(access_token="a"))
    credentials.put("https://two", Login(access_token="b"), default=True)

    assert credentials.default_url() == "https://two"
    assert credentials.remove("https://two") == Login(access_token="b")
    assert credentials.default_url() == URL
    assert credentials.remove("https://two") is None


def test_tokens_are_not_shown() -> None:
    assert "secret" not in repr(Login(access_token="secret", refresh_token="secret"))
