"""What HTTP clients are told of versions at the end of their life."""

from typing import Any

import pytest

from core.domain.versions import ByNumber
from tests.api.client import MODEL, Api, problem
from tests.builders import ADMIN

FIRST = f"{MODEL}/versions/1"


@pytest.fixture
def api() -> Api:
    """Two versions of `iris`; the second is the champion."""
    made = Api()
    made.world.pushed({"a b": b"1"})
    made.world.pushed({"a b": b"2"})
    made.world.registry.aliases.point(ADMIN, "default", "iris", "champion", ByNumber(2))
    return made


def deprecate(api: Api, **said: Any) -> Any:
    return api.post(f"{FIRST}/deprecate", json=said, params={"reason": "old"})


def test_a_deprecated_version_says_so_in_json_and_in_headers(api: Api) -> None:
    said = {
        "since": "2026-01-01T00:00:00.000Z",
        "sunset": "2026-06-30T12:00:00.500Z",
        "successor": "@champion",
        "note": "drifts",
    }

    done = deprecate(api, **said)
    read = api.get(FIRST)

    assert done.json()["deprecation"] == {
        **said,
        "successor": {"model": "iris", "version": "@champion"},
    }
    for answer in (done, read):
        assert answer.headers["deprecation"] == "@1767225600"
        assert answer.headers["sunset"] == "Tue, 30 Jun 2026 12:00:00 GMT"
        assert answer.headers["link"] == (f'<{MODEL}/versions/@champion>; rel="successor-version"')
    assert api.get(f"{MODEL}/versions/@champion").json()["number"] == 2


def test_what_is_not_known_of_a_deprecation_has_no_header(api: Api) -> None:
    deprecate(api)

    headers = api.get(FIRST).headers

    assert "deprecation" in headers
    assert "sunset" not in headers
    assert "link" not in headers


def test_a_version_that_is_not_deprecated_has_none_of_it(api: Api) -> None:
    deprecate(api)
    back = api.post(f"{FIRST}/undeprecate")

    read = api.get(FIRST)

    assert back.json()["deprecation"] is None
    assert read.json()["deprecation"] is None
    assert "deprecation" not in read.headers


def test_a_copy_from_before_the_deprecation_is_not_said_to_be_good(api: Api) -> None:
    before = api.get(FIRST).headers["etag"]
    deprecate(api)

    again = api.get(FIRST, headers={"If-None-Match": before})

    assert again.status_code == 200
    assert again.json()["deprecation"] is not None


@pytest.mark.parametrize(
    ("said", "status", "kind"),
    [
        ({"since": "yesterday"}, 422, "invalid"),
        ({"since": "2026-02-01T00:00:00Z", "sunset": "2026-01-01T00:00:00Z"}, 422, "invalid"),
        ({"successor": "9"}, 404, "not-found"),
        ({"successor": "1"}, 409, "conflict"),
        ({"note": "x" * 3_000}, 422, "invalid"),
        ({"until": "now"}, 422, "invalid"),
    ],
)
def test_a_deprecation_that_makes_no_sense_is_refused(
    api: Api, said: dict[str, Any], status: int, kind: str
) -> None:
    problem(deprecate(api, **said), status, kind)


def test_a_deprecation_may_depend_on_the_etag(api: Api) -> None:
    etag = api.get(FIRST).headers["etag"]
    headers = {"If-Match": etag}

    first = api.post(f"{FIRST}/deprecate", json={"note": "a"}, headers=headers)
    second = api.post(f"{FIRST}/deprecate", json={"note": "b"}, headers=headers)

    assert first.status_code == 200
    problem(second, 412, "stale")
