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


def test_downloads_of_a_deprecated_version_warn(api: Api) -> None:
    deprecate(api, successor="2")

    page = api.get(f"{FIRST}/downloads")
    file = api.get(f"{FIRST}/files/a%20b")

    for answer in (page, file):
        assert answer.headers["deprecation"].startswith("@")
        assert answer.headers["link"] == f'<{MODEL}/versions/2>; rel="successor-version"'
        assert answer.headers["cache-control"] == "no-store"
    assert (page.status_code, file.status_code) == (200, 307)


def test_downloads_of_a_retired_version_are_refused_saying_what_to_do(api: Api) -> None:
    deprecate(api, successor="@champion")
    retired = api.post(f"{FIRST}/retire", json={}, params={"reason": "too old"})

    assert retired.status_code == 200, retired.text
    for place in (f"{FIRST}/downloads", f"{FIRST}/files/a%20b"):
        body = problem(api.get(place), 409, "conflict")
        assert "is retired (it is in Archived)" in body["detail"]
        assert body["next_step"].startswith("Use iris@champion instead")
        problem(api.get(place, params={"force": "true"}), 422, "invalid")
        forced = api.get(place, params={"force": "true", "reason": "case 4711"})
        assert forced.status_code in {200, 307}
    assert api.get(FIRST).status_code == 200
    assert api.get(f"{FIRST}/files").status_code == 200


def test_a_manifest_that_is_kept_for_ever_leads_to_no_bytes_of_a_retired_version(api: Api) -> None:
    digest = api.get(FIRST).json()["digest"]
    pinned = f"{MODEL}/versions/{digest}"
    kept = api.get(f"{pinned}/files")
    api.post(f"{FIRST}/retire", json={})

    again = api.get(f"{pinned}/files", headers={"If-None-Match": kept.headers["etag"]})

    assert "immutable" in kept.headers["cache-control"]
    assert again.status_code == 304
    assert "url" not in kept.json()["items"][0]
    for place in (f"{pinned}/downloads", f"{pinned}/files/a%20b"):
        problem(api.get(place), 409, "conflict")


def test_a_copy_of_the_version_from_before_is_not_said_to_be_good_after_it_retired(
    api: Api,
) -> None:
    before = api.get(FIRST).headers["etag"]
    api.post(f"{FIRST}/retire", json={})

    assert api.get(FIRST, headers={"If-None-Match": before}).status_code == 200


@pytest.mark.parametrize(
    ("said", "status"), [({"to": "Heaven"}, 404), ({"to": "Staging"}, 409), ({"stage": "x"}, 422)]
)
def test_a_stage_that_retires_nothing_is_refused(
    api: Api, said: dict[str, Any], status: int
) -> None:
    assert api.post(f"{FIRST}/retire", json=said).status_code == status
