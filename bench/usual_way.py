"""The yardstick of cold starts: a registry's hundred routes on FastAPI, written the usual way.

Everything is imported at the top, every router included, every route with its response model;
the token is checked with joserfc, the model read with pymongo, as in any tutorial.
"""

# mypy: disable-error-code="valid-type, call-overload"

import json
import os
import urllib.request
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Path, Query
from joserfc import jwt
from joserfc.jwk import KeySet
from mangum import Mangum
from minio import Minio
from pydantic import BaseModel, ConfigDict, Field, create_model
from pymongo import MongoClient

NOUNS = (
    *("namespace", "model", "version", "artifact", "alias"),
    *("run", "experiment", "deployment", "webhook", "approval"),
)

client: MongoClient[dict[str, Any]] = MongoClient(os.environ["MODELRY_MONGODB_URI"])
store = Minio(
    os.environ["MODELRY_S3_ENDPOINT"].removeprefix("http://"),
    access_key=os.environ["MODELRY_S3_ACCESS_KEY"],
    secret_key=os.environ["MODELRY_S3_SECRET_KEY"],
    secure=False,
)
issuer = json.loads(os.environ["MODELRY_ISSUERS"])[0]
claims_registry = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": issuer["url"]},
    aud={"essential": True, "value": issuer["audience"]},
)


Name = Annotated[str, Field(description="Unique within its namespace.", max_length=255)]
Namespace = Annotated[str, Path(description="The namespace.", pattern="^[a-z0-9-]+$")]
Named = Annotated[str, Path(description="The object's name.", max_length=255)]
IfMatch = Annotated[str | None, Header(description="The ETag of the object as it was read.")]
Labels = dict[Annotated[str, Field(max_length=250)], Annotated[str, Field(max_length=5000)]]


class Author(BaseModel):
    """Who did something, and when."""

    principal: str = Field(description="Who it was.", max_length=512)
    at: datetime = Field(description="When, in UTC.")


class Described(BaseModel):
    """The fields every object has."""

    model_config = ConfigDict(extra="forbid")

    description: str = Field("", description="For people.", max_length=20_000)
    tags: Labels = Field({}, description="For finding it.")
    metadata: dict[str, Any] = Field({}, description="Anything, nested.")
    custom_properties: dict[str, Any] = Field({}, description="Kubeflow's name for it.")
    external_id: str | None = Field(None, description="Its id elsewhere.", max_length=255)
    owner: str | None = Field(None, description="Who answers for it.", max_length=255)


class Stored(Described):
    """What the registry adds to them."""

    id: str = Field(description="Decimal.", pattern="^[0-9]+$")
    name: Name
    state: Literal["pending", "ready", "archived"] = "ready"
    created: Author
    updated: Author
    revision: int = Field(description="Counts changes.", ge=1)


class PageRequest(BaseModel):
    """Which part of a list is wanted."""

    page_size: int = 50
    page_token: str | None = None


def page_request(
    page_size: Annotated[int, Query(description="How many, at most.", ge=1, le=1000)] = 50,
    page_token: Annotated[str | None, Query(description="Where to go on.")] = None,
) -> PageRequest:
    """The page that the query string asks for."""
    return PageRequest(page_size=page_size, page_token=page_token)


Wanted = Annotated[PageRequest, Depends(page_request)]


def keys() -> KeySet:
    """The issuer's keys."""
    with urllib.request.urlopen(f"{issuer['url']}/jwks") as response:
        return KeySet.import_key_set(json.load(response))


def caller(authorization: Annotated[str, Header()]) -> str:
    """Who calls."""
    token = jwt.decode(authorization.removeprefix("Bearer "), keys(), algorithms=["RS256"])
    claims_registry.validate(token.claims)
    return str(token.claims["sub"])


Caller = Annotated[str, Depends(caller)]


def router_of(noun: str) -> APIRouter:
    """Ten operations on one noun, with its eight classes of bodies and answers."""
    title = noun.title()
    router = APIRouter(prefix=f"/namespaces/{{namespace}}/{noun}s", tags=[noun])
    file = create_model(f"{title}File", __base__=Described, name=(Name, ...), size=(int, ...))
    event = create_model(f"{title}Event", __base__=Described, name=(Name, ""), by=(Author, None))
    shape = create_model(title, __base__=Stored, files=(list[file], []), events=(list[event], []))
    fresh = create_model(
        f"New{title}", __base__=Described, name=(Name, ...), files=(list[file], [])
    )
    patch = create_model(f"{title}Patch", __base__=Described, reason=(str, ""))
    page = create_model(f"{title}Page", items=(list[shape], ...), next_token=(str | None, None))
    files = create_model(f"{title}Files", items=(list[file], ...), next_token=(str | None, None))
    events = create_model(f"{title}Events", items=(list[event], ...), next_token=(str | None, None))

    def read(namespace: Namespace, name: Named, caller: Caller) -> Any:
        found = client["canned"][f"{noun}s"].find_one({"name": name})
        if found is None:
            raise HTTPException(404)
        author = {"principal": found["created_by"], "at": found["created_at"]}
        common = {key: found[key] for key in ("name", "description", "tags", "revision")}
        return {**common, "id": str(found["id"]), "created": author, "updated": author}

    def read_all(namespace: Namespace, caller: Caller, wanted: Wanted) -> Any:
        return {"items": list(client["canned"][f"{noun}s"].find(limit=wanted.page_size))}

    def read_parts(namespace: Namespace, name: Named, caller: Caller, wanted: Wanted) -> Any:
        return {"items": []}

    def create(namespace: Namespace, body: fresh, caller: Caller) -> Any:
        return body

    def update(
        namespace: Namespace,
        name: Named,
        body: patch,
        caller: Caller,
        if_match: IfMatch = None,
    ) -> Any:
        return body

    def remove(namespace: Namespace, name: Named, caller: Caller, if_match: IfMatch = None) -> None:
        client["canned"][f"{noun}s"].delete_one({"name": name})

    one = "/{name}"
    router.add_api_route("", read_all, response_model=page)
    router.add_api_route("", create, methods=["POST"], response_model=shape, status_code=201)
    router.add_api_route(one, read, response_model=shape)
    router.add_api_route(one, update, methods=["PATCH"], response_model=shape)
    router.add_api_route(one, remove, methods=["DELETE"], status_code=204)
    router.add_api_route(f"{one}/files", read_parts, response_model=files)
    router.add_api_route(f"{one}/events", read_parts, response_model=events)
    for verb in ("archive", "restore", "approve"):
        router.add_api_route(f"{one}/{verb}", update, methods=["POST"], response_model=shape)
    return router


app = FastAPI(title="The usual way")
for noun in NOUNS:
    app.include_router(router_of(noun), prefix="/api/v1")

handler = Mangum(app, lifespan="off")
