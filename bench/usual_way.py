"""The yardstick of cold starts: a registry's hundred routes on FastAPI, written the usual way.

Everything is imported at the top, every router included, every route with its response model;
the token is checked with joserfc, the model read with pymongo, as in any tutorial.
"""

import json
import os
import urllib.request
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException
from joserfc import jwt
from joserfc.jwk import KeySet
from mangum import Mangum
from minio import Minio
from pydantic import BaseModel, create_model
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


class Described(BaseModel):
    """The fields every object has."""

    description: str = ""
    tags: dict[str, str] = {}
    metadata: dict[str, Any] = {}
    custom_properties: dict[str, Any] = {}
    external_id: str | None = None
    owner: str | None = None


class Stored(Described):
    """What the registry adds to them."""

    name: str
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    revision: int


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
    router = APIRouter(prefix=f"/{noun}s", tags=[noun])
    shape = create_model(noun.title(), __base__=Stored, **{f"{noun}_state": (str, "active")})
    fresh = create_model(f"New{noun.title()}", __base__=Described, name=(str, ...))
    patch = create_model(f"{noun.title()}Patch", __base__=Described)
    page = create_model(f"{noun.title()}Page", items=(list[shape], ...), next=(str | None, None))
    parts = [
        create_model(f"{noun.title()}{part}", __base__=Described, name=(str, ...), size=(int, 0))
        for part in ("File", "Event", "Grant", "Problem")
    ]

    def read(name: str, caller: Caller) -> Any:
        found = client["canned"][f"{noun}s"].find_one({"name": name})
        if found is None:
            raise HTTPException(404)
        return found

    def read_all(caller: Caller, page_size: int = 50, page_token: str | None = None) -> Any:
        return {"items": list(client["canned"][f"{noun}s"].find(limit=page_size))}

    def create(body: fresh, caller: Caller) -> Any:  # type: ignore[valid-type]
        return body

    def update(name: str, body: patch, caller: Caller) -> Any:  # type: ignore[valid-type]
        return body

    router.add_api_route("", read_all, methods=["GET"], response_model=page)
    router.add_api_route("", create, methods=["POST"], response_model=shape, status_code=201)
    router.add_api_route("/{name}", read, methods=["GET"], response_model=shape)
    router.add_api_route("/{name}", update, methods=["PATCH"], response_model=shape)
    for part in parts:
        router.add_api_route(f"/{{name}}/{part.__name__}", read, response_model=part)
    for verb in ("archive", "restore"):
        router.add_api_route(f"/{{name}}/{verb}", read, methods=["POST"], response_model=shape)
    return router


app = FastAPI(title="The usual way")
for noun in NOUNS:
    app.include_router(router_of(noun), prefix="/api/v1")

handler = Mangum(app, lifespan="off")
