"""Settings from the environment: complete, typed, and wrong ones named."""

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid
from core.settings import Issuer, Settings

NEEDED = {
    "MODELRY_MONGODB_URI": "mongodb://127.0.0.1:27017/",
    "MODELRY_S3_ENDPOINT": "http://127.0.0.1:9000",
    "MODELRY_S3_ACCESS_KEY": "key",
    "MODELRY_S3_SECRET_KEY": "hunter2",
}


def read(**changes: str) -> Settings:
    return Settings.from_environment({**NEEDED, **changes})


def test_four_variables_are_enough() -> None:
    settings = read()

    assert settings.mongodb_uri == "mongodb://127.0.0.1:27017/"
    assert settings.s3_secret_key == "hunter2"
    assert settings.s3_proves_sha256 is True
    assert settings.upload_ttl_seconds == 24 * 3600
    assert (settings.issuers, settings.admins) == ((), ())


@pytest.mark.parametrize("variable", NEEDED)
def test_a_variable_that_is_missing_is_named(variable: str) -> None:
    environment = {name: value for name, value in NEEDED.items() if name != variable}

    with pytest.raises(Invalid) as caught:
        Settings.from_environment(environment)

    assert variable.removeprefix("MODELRY_").lower() in caught.value.message
    assert caught.value.next_step
    assert "hunter2" not in caught.value.message


def test_every_field_can_be_set() -> None:
    values = {
        "int": ("7", 7),
        "bool": ("false", False),
        "str": ("text", "text"),
    }
    for field in fields(Settings):
        kind = getattr(field.type, "__name__", "")
        if kind not in values or field.name == "log_level":
            continue
        text, value = values[kind]
        settings = read(**{f"MODELRY_{field.name.upper()}": text})
        assert getattr(settings, field.name) == value


def test_variables_of_others_are_not_looked_at() -> None:
    assert read(PATH="/bin", MODELRY_UNKNOWN="x", S3_BUCKET="x", modelry_s3_bucket="x") == read()


def test_administrators_are_a_list_with_commas() -> None:
    assert read(MODELRY_ADMINS=" group:dev:admins, subject:ci:robot ,,").admins == (
        "group:dev:admins",
        "subject:ci:robot",
    )


def test_issuers_are_a_list_of_objects() -> None:
    text = json.dumps(
        [
            {"name": "dev", "url": "https://id.example.org", "audience": "modelry"},
            {
                "name": "ci",
                "url": "https://ci.example.org",
                "audience": "modelry",
                "groups_claim": "roles",
                "algorithms": ["ES256"],
                "client_id": "cli",
            },
        ]
    )

    assert read(MODELRY_ISSUERS=text).issuers == (
        Issuer(name="dev", url="https://id.example.org", audience="modelry"),
        Issuer(
            name="ci",
            url="https://ci.example.org",
            audience="modelry",
            groups_claim="roles",
            algorithms=("ES256",),
            client_id="cli",
        ),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "5",
        "null",
        '"dev"',
        "{}x",
        "{}",
        '{"name": "dev"}',
        "[5]",
        "[null]",
        '["dev"]',
        "[{}]",
        '[{"name": "dev", "url": "u"}]',
        '[{"name": "dev", "url": "u", "audience": "a", "secret": "x"}]',
        '[{"name": "dev", "url": "u", "audience": "a", "algorithms": 5}]',
        '[{"name": "dev", "url": "u", "audience": "a", "algorithms": "RS256"}]',
    ],
)
def test_issuers_that_are_no_issuers_are_refused(text: str) -> None:
    with pytest.raises(Invalid, match="MODELRY_ISSUERS"):
        read(MODELRY_ISSUERS=text)


@pytest.mark.parametrize("text", ["", "x", "1.5", "1e3", "None", "0x10"])
def test_a_number_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="MODELRY_MAX_FILES"):
        read(MODELRY_MAX_FILES=text)


@pytest.mark.parametrize("text", ["", "1", "yes", "on", "truee"])
def test_a_switch_is_true_or_false(text: str) -> None:
    with pytest.raises(Invalid, match="MODELRY_S3_PROVES_SHA256"):
        read(MODELRY_S3_PROVES_SHA256=text)


def test_a_switch_is_read_in_any_case() -> None:
    assert read(MODELRY_S3_PROVES_SHA256="False").s3_proves_sha256 is False
    assert read(MODELRY_S3_PROVES_SHA256="TRUE").s3_proves_sha256 is True


@given(st.text())
def test_no_text_fails_in_another_way(text: str) -> None:
    for variable in ("MODELRY_ISSUERS", "MODELRY_MAX_FILES", "MODELRY_S3_PROVES_SHA256"):
        try:
            read(**{variable: text})
        except Invalid as error:
            named = error.message
        else:
            named = variable
        assert variable in named


def test_peppers_are_read_in_order_and_short_ones_refused() -> None:
    keys = ["n" * 32, "o" * 40]
    found = read(MODELRY_TOKEN_PEPPERS=f"new:{keys[0]}, old:{keys[1]}")

    assert [(each.id, each.key) for each in found.token_peppers] == [
        ("new", keys[0]),
        ("old", keys[1]),
    ]
    for bad in ("new:short", "n" * 40, f":{keys[0]}"):
        with pytest.raises(Invalid, match="MODELRY_TOKEN_PEPPERS"):
            read(MODELRY_TOKEN_PEPPERS=bad)


def test_the_url_of_a_known_platform_goes_without_saying() -> None:
    issuers = '[{"name": "ci", "platform": "github", "audience": "a"}]'
    (issuer,) = read(MODELRY_ISSUERS=issuers).issuers

    assert issuer.url == "https://token.actions.githubusercontent.com"
    with pytest.raises(Invalid, match="MODELRY_ISSUERS"):
        read(MODELRY_ISSUERS='[{"platform": "custom"}]')


def test_the_log_has_one_of_five_levels() -> None:
    assert read().log_level == "info"
    assert read(MODELRY_LOG_LEVEL="off").log_level == "off"
    with pytest.raises(Invalid, match=r"MODELRY_LOG_LEVEL .* write one of debug, info"):
        read(MODELRY_LOG_LEVEL="loud")


@pytest.mark.parametrize(
    ("variables", "sent"),
    [
        ({}, ()),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318"}, ("traces", "metrics")),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318"}, ("traces",)),
        (
            {
                "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318",
                "OTEL_TRACES_EXPORTER": "none",
            },
            ("metrics",),
        ),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"},
            (),
        ),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ()),
        ({"MODELRY_TELEMETRY": "metrics"}, ("metrics",)),
    ],
)
def test_telemetry_is_sent_where_the_standard_variables_say(
    variables: dict[str, str], sent: tuple[str, ...]
) -> None:
    assert read(**variables).telemetry == sent


def test_telemetry_that_there_is_not_is_refused() -> None:
    with pytest.raises(Invalid, match="'logs' is none of traces, metrics"):
        read(MODELRY_TELEMETRY="traces,logs")
