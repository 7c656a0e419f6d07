"""Conditional reads: strong ETags on all that is read, 304, 412, and what may be kept for ever."""

from typing import Any

import pytest

from core.domain.versions import ByNumber
from handlers.api.conditional import entity_tags
from tests.api.client import MODEL, Api, declared, problem
from tests.builders import ADMIN

READS = [
    "/api/v1/whoami",
    "/api/v1/openapi.json",
    "/api/v1/namespaces",
    "/api/v1/namespaces/default",
    "/api/v1/namespaces/default/models",
    "/api/v1/namespaces/default/grants",
    "/api/v1/namespaces/default/events",
    "/api/v1/namespaces/default/compare?version=iris:1&version=iris:1",
    "/api/v1/grants",
    MODEL,
    f"{MODEL}/versions",
    f"{MODEL}/versions/1",
    f"{MODEL}/versions/latest",
    f"{MODEL}/versions/1/files",
    f"{MODEL}/aliases",
    f"{MODEL}/aliases/champion",
]
FOR_EVER = "private, max-age=31536000, immutable"


@pytest.fixture
def api() -> Api:
    made = Api()
    made.world.pushed({"a": b"1", "b": b"2", "c": b"3"})
    made.put(f"{MODEL}/aliases/champion", json={"version": "1"})
    return made


def digest(api: Api, number: int = 1) -> str:
    return str(api.get(f"{MODEL}/versions/{number}").json()["digest"])


@pytest.mark.parametrize("path", READS)
def test_what_was_read_is_not_sent_again_while_it_is_the_same(api: Api, path: str) -> None:
    first = api.get(path)
    etag = first.headers["etag"]

    again = api.get(path, headers={"If-None-Match": f'"other", W/{etag}'})

    assert first.status_code == 200
    assert etag.startswith('"')
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "Authorization"
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    assert api.get(path, headers={"If-None-Match": '"other"'}).content == first.content


@pytest.mark.parametrize("path", READS)
def test_a_read_that_means_another_state_is_412(api: Api, path: str) -> None:
    etag = api.get(path).headers["etag"]

    assert api.get(path, headers={"If-Match": f'"x", {etag}'}).status_code == 200
    assert api.get(path, headers={"If-Match": "*"}).status_code == 200
    for header in ('"other"', f"W/{etag}"):
        problem(api.get(path, headers={"If-Match": header}), 412, "stale")
    problem(api.get(path, headers={"If-Match": etag.strip('"')}), 422, "invalid")


@pytest.mark.parametrize("path", READS)
def test_head_answers_as_get_does_without_the_body(api: Api, path: str) -> None:
    got, head = api.get(path), api.head(path)

    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["content-length"]) == len(got.content)
    assert head.headers["etag"] == got.headers["etag"]
    known = {"If-None-Match": got.headers["etag"]}
    assert api.head(path, headers=known).status_code == 304


def test_head_is_no_way_around_a_token_or_a_method(api: Api) -> None:
    assert api.head(f"{MODEL}/versions/1/upload").status_code == 405
    assert api.head(f"{MODEL}/versions/9").status_code == 404
    del api.headers["Authorization"]
    assert api.head(MODEL).status_code == 401


def test_a_list_that_changed_is_sent_again(api: Api) -> None:
    path = "/api/v1/namespaces/default/models"
    etag = api.get(path).headers["etag"]

    api.post(path, json={"name": "lilies"})

    changed = api.get(path, headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed.headers["etag"] != etag


@pytest.mark.parametrize("name", ["latest", "@champion", "~=1.0"])
def test_versions_that_a_moving_name_leads_to_are_not_mistaken_for_each_other(
    api: Api, name: str
) -> None:
    roses = "/api/v1/namespaces/default/models/roses"
    api.post("/api/v1/namespaces/default/models", json={"name": "roses"})
    path = f"{roses}/versions/{name}"
    found = []
    for number in (1, 2):
        api.post(f"{roses}/versions", json={"parameters": {"a": number}})
        api.put(f"{roses}/aliases/champion", json={"version": str(number)})
        found.append(api.get(path))
    before, after = found

    again = api.get(path, headers={"If-None-Match": before.headers["etag"]})
    changed = api.patch(path, json={"owner": "x"}, headers={"If-Match": before.headers["etag"]})

    assert before.json()["revision"] == after.json()["revision"]
    assert (again.status_code, again.json()["number"]) == (200, 2)
    assert "version 2" in problem(changed, 412, "stale")["detail"]


def test_the_etag_of_a_moving_name_is_good_for_a_change(api: Api) -> None:
    path = f"{MODEL}/versions/@champion"
    etag = api.get(path).headers["etag"]

    changed = api.patch(path, json={"owner": "x"}, headers={"If-Match": etag})

    assert changed.status_code == 200
    assert changed.headers["etag"] == api.get(path).headers["etag"] != etag
    problem(api.patch(path, json={"owner": "y"}, headers={"If-Match": etag}), 412, "stale")


def test_addresses_that_expire_are_never_kept(api: Api) -> None:
    for path in (f"{MODEL}/versions/1/downloads", f"{MODEL}/versions/{digest(api)}/files/a"):
        answer = api.get(path)
        assert answer.headers["cache-control"] == "no-store"
        assert "etag" not in answer.headers


def test_a_manifest_by_digest_may_be_kept_for_ever(api: Api) -> None:
    by_digest = api.get(f"{MODEL}/versions/{digest(api)}/files")
    by_number = api.get(f"{MODEL}/versions/1/files")

    assert by_digest.headers["cache-control"] == FOR_EVER
    assert by_number.headers["cache-control"] == "private, no-cache"
    assert by_digest.headers["etag"] == by_number.headers["etag"]
    assert by_digest.content == by_number.content
    for path in (f"{MODEL}/versions/{digest(api)}/files", f"{MODEL}/versions/1/files"):
        known = {"If-None-Match": by_digest.headers["etag"]}
        assert api.get(path, headers=known).status_code == 304


def test_what_may_be_kept_for_ever_never_changes(api: Api) -> None:
    path = f"{MODEL}/versions/{digest(api)}/files"
    pages = [api.get(path, params={"page_size": 2})]
    pages.append(
        api.get(path, params={"page_size": 2, "page_token": pages[0].json()["next_page_token"]})
    )

    api.patch(f"{MODEL}/versions/1", json={"owner": "x"}, headers={"If-Match": "*"})
    api.delete(f"{MODEL}/aliases/champion")
    api.world.pushed({"a": b"1", "b": b"2", "c": b"3"}, parameters={"another": "training"})

    assert digest(api, 2) == digest(api, 1)
    for kept in pages:
        now = api.get(str(kept.url))
        assert now.headers["cache-control"] == FOR_EVER
        assert (now.content, now.headers["etag"]) == (kept.content, kept.headers["etag"])


def test_a_manifest_that_may_still_change_is_not_kept(api: Api) -> None:
    api.post(f"{MODEL}/versions", json={"files": [declared("x", b"x")]})
    path = f"{MODEL}/versions/2/files"
    pending = api.get(path)

    version = api.world.registry.versions.get(ADMIN, "default", "iris", ByNumber(2))
    api.world.send(version, {"x": b"x"})
    api.post(f"{MODEL}/versions/2/upload/complete")

    ready = api.get(path, headers={"If-None-Match": pending.headers["etag"]})
    assert pending.headers["cache-control"] == "private, no-cache"
    assert (ready.status_code, ready.json()["items"][0]["state"]) == (200, "received")


def test_a_manifest_as_of_a_time_is_not_kept_for_ever(api: Api) -> None:
    path = f"{MODEL}/versions/{digest(api)}/files"
    now = api.get(path)
    api.world.clock.advance(seconds=1)

    then = api.get(
        path,
        params={"as_of": "2026-01-02T03:04:06Z"},
        headers={"If-None-Match": now.headers["etag"]},
    )

    assert (then.status_code, then.json()) == (200, now.json())
    assert then.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("method", "step"), [("DELETE", ""), ("POST", "/archive"), ("POST", "/undo")]
)
def test_whatever_is_done_to_a_version_heeds_which_one_was_read(
    api: Api, method: str, step: str
) -> None:
    api.delete(f"{MODEL}/aliases/champion")
    path = f"{MODEL}/versions/latest"
    api.patch(path, json={"owner": "x"}, headers={"If-Match": "*"})
    read = api.get(path).headers["etag"]
    api.post(f"{MODEL}/versions", json={"parameters": {"a": 1}})
    wrong = api.request(method, f"{path}{step}", headers={"If-Match": read})
    api.patch(path, json={"owner": "y"}, headers={"If-Match": "*"})
    right = api.get(path).headers["etag"]

    done = api.request(
        method, f"{path}{step}", headers={"If-Match": right}, params={"reason": "test"}
    )

    assert "version 2" in problem(wrong, 412, "stale")["detail"]
    assert (done.status_code, done.json()["number"]) == (200, 2)


def test_a_manifest_is_told_to_nobody_who_may_not_read_it(api: Api) -> None:
    path = f"{MODEL}/versions/{digest(api)}/files"
    etag = api.get(path).headers["etag"]
    stranger = {"Authorization": f"Bearer {api.world.token(subject='nobody')}"}

    problem(api.get(path, headers={**stranger, "If-None-Match": etag}), 404, "not-found")
    del api.headers["Authorization"]
    problem(api.get(path, headers={"If-None-Match": etag}), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ('"a"', ['"a"']),
        (' "a" , W/"b","c,d" ', ['"a"', 'W/"b"', '"c,d"']),
        ('""', ['""']),
        ('"é"', ['"é"']),
        ("a", None),
        ('"a', None),
        ('"a" "b"', None),
        ('"a",', None),
        ('"a\n"', None),
        ('"a b"', None),
        ("", None),
        ("W/", None),
        ("*, *", None),
    ],
)
def test_entity_tags_are_read_as_http_defines_them(header: str, tags: Any) -> None:
    found = entity_tags(header)

    assert (found and list(found.tags)) == tags
    assert (found is not None and found.any) is False


def test_a_star_names_whatever_is_there() -> None:
    found = entity_tags(" * ")

    assert found is not None
    assert found.any
    assert found.match('"x"')
