"""Operations on artifacts: those of runs, and the stored files that a client reads and writes."""

import ntpath
import posixpath

from fastapi import Request as HttpRequest
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from core.domain.pages import PageRequest
from core.errors import Invalid, TooLarge
from handlers.api.dependencies import CurrentCaller, CurrentRegistry
from handlers.api.mlflow.answers import answered, present
from handlers.api.mlflow.bodies import Fields
from handlers.api.mlflow.experiment_ids import shown_id
from handlers.api.mlflow.folders import WHOLE_PAGE, all_of, fetched, page_of
from handlers.api.mlflow.naming import model_named, version_numbered
from handlers.api.mlflow.roots import (
    LoggedPlace,
    Place,
    logged_model_root,
    logged_place,
    model_place,
    nowhere,
    place_in,
    run_place,
    run_root,
    safe,
)
from handlers.api.mlflow.routes import Asked, Request, group
from handlers.api.mlflow.scope import CurrentNamespace
from handlers.api.mlflow.wire.artifacts import download, listed_file, multipart

router = group("artifacts")

MOST_PARTS = 5_000
"""The addresses of more would not fit into the answer of a function."""
STRAIGHT = (
    "Clients of MLflow 3.18 and later send it straight to the store; earlier ones do with"
    " MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD=true and MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE"
    " below its size. An operator raises the limit with MODELRY_MAX_PROXIED_BYTES."
)


@router.get("/mlflow/artifacts/list")
def list_artifacts(asked: Request) -> Response:
    """What lies in a folder of a run, a page at a time; paths begin where its artifacts do."""
    run_id = asked.fields.text("run_id") or asked.fields.required("run_uuid")
    place = run_place(asked.namespace, run_id, asked.fields.text("path") or "")
    run = asked.registry.runs.get(asked.caller, asked.namespace, run_id)
    experiment = shown_id(asked.registry, asked.caller, asked.namespace, run.experiment_id)
    return _page(asked, place, run_root(experiment, run_id))


@router.get("/mlflow/logged-models/{model_id}/artifacts/directories")
def list_logged_model_artifacts(asked: Request, model_id: str) -> Response:
    """What lies in a folder of a logged model, a page at a time."""
    place = model_place(
        asked.namespace, model_id, asked.fields.text("artifact_directory_path") or ""
    )
    model = asked.registry.logged_models.get(asked.caller, asked.namespace, model_id)
    experiment = shown_id(asked.registry, asked.caller, asked.namespace, model.experiment_id)
    return _page(asked, place, logged_model_root(experiment, model.model_id))


@router.get("/mlflow/logged-models/{model_id}/artifacts/files")
def get_logged_model_artifact(asked: Request, model_id: str) -> Response:
    """A file of a logged model; with `presigned`, where to fetch it."""
    path = asked.fields.required("artifact_file_path")
    found = fetched(asked, model_place(asked.namespace, model_id, path))
    if asked.fields.flag("presigned"):
        return answered(download(found.request, found.size_bytes))
    return RedirectResponse(found.request.url, 307)


@router.post("/mlflow/artifacts/presigned-upload-url")
def create_upload_url(asked: Request) -> Response:
    """Where to send a whole file of a run or a logged model."""
    run_id, model_id = asked.fields.text("run_id"), asked.fields.text("model_id")
    if bool(run_id) == bool(model_id):
        raise Invalid(
            "Exactly one of run_id and model_id must be provided.",
            next_step="Say whose artifact it is.",
        )
    path = asked.fields.required("path")
    if model_id:
        place = model_place(asked.namespace, model_id, path)
    else:
        place = run_place(asked.namespace, run_id or "", path)
    request = asked.registry.logged_files.sign_put(asked.caller, place.owner, place.path)
    return answered({"presigned_url": request.url, "headers": dict(request.headers)})


@router.post("/mlflow/artifacts/presigned-download-url")
def create_download_url(asked: Request) -> Response:
    """Where to fetch a file of a run."""
    place = run_place(
        asked.namespace, asked.fields.required("run_id"), asked.fields.required("path")
    )
    found = fetched(asked, place)
    answer = download(found.request, found.size_bytes)
    return answered({"presigned_url": answer.pop("url"), **answer})


@router.get("/mlflow-artifacts/artifacts")
def list_files(asked: Request) -> Response:
    """The names of all that lies in a folder."""
    place = place_in(asked.namespace, asked.fields.text("path") or "")
    if place is None:
        asked.registry.namespaces.get(asked.caller, asked.namespace)
        return answered()
    entries = all_of(asked, place)
    return answered({"files": [listed_file(entry) for entry in entries]} if entries else {})


@router.get("/mlflow-artifacts/artifacts/{address:path}")
def download_file(asked: Request, address: str) -> Response:
    """A file, which the store has: the answer says where."""
    found = fetched(asked, _some(asked.namespace, address))
    return RedirectResponse(found.request.url, 307)


@router.put("/mlflow-artifacts/artifacts/{address:path}")
async def upload_file(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: CurrentNamespace,
    address: str,
    request: HttpRequest,
) -> Response:
    """Take a file that passes through here, a part of it in memory at a time."""
    if request.url.query:
        raise Invalid(
            "The path holds a '?' that is not encoded: the file would lose the rest of its name.",
            next_step="Rename the file, or write %3F.",
        )
    place = logged_place(namespace, address)
    announced = request.headers.get("content-length", "")
    size = int(announced) if announced.isdecimal() else 0
    receive = registry.logged_files.receive
    chunks = request.stream()
    try:
        arrival = await run_in_threadpool(receive, caller, place.owner, place.path, size)
        try:
            async for chunk in chunks:
                if chunk:
                    await run_in_threadpool(arrival.take, chunk)
            await run_in_threadpool(arrival.close)
        except BaseException:
            await run_in_threadpool(arrival.give_up)
            raise
    except TooLarge as error:
        async for _ in chunks:  # a client that is still sending would not read the answer
            pass
        raise TooLarge(error.message, next_step=STRAIGHT) from None
    return answered()


@router.delete("/mlflow-artifacts/artifacts/{address:path}")
def delete_files(asked: Request, address: str) -> Response:
    """Remove a file, or a folder with all that is in it."""
    place = logged_place(asked.namespace, address)
    asked.registry.logged_files.remove(asked.caller, place.owner, place.path)
    return answered()


@router.get("/mlflow-artifacts/presigned/{address:path}")
def create_presigned_download(asked: Request, address: str) -> Response:
    """Where to fetch a file, for clients that fetch it in parts."""
    found = fetched(asked, _some(asked.namespace, address))
    return answered(download(found.request, found.size_bytes))


@router.post("/mlflow-artifacts/mpu/create/{address:path}")
def create_multipart_upload(asked: Request, address: str) -> Response:
    """Open the upload of a file in parts, which go straight to the store."""
    place = _file_in(asked.namespace, address, asked.fields)
    parts = asked.fields.number("num_parts") or 1
    if parts > MOST_PARTS:
        raise Invalid(
            f"{parts} parts were asked for; at most {MOST_PARTS} are taken.",
            next_step="Send larger parts: raise MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE.",
        )
    start = asked.registry.logged_files.start
    return answered(multipart(*start(asked.caller, place.owner, place.path, parts)))


@router.post("/mlflow-artifacts/mpu/complete/{address:path}")
def complete_multipart_upload(asked: Request, address: str) -> Response:
    """Make a file of the parts that were sent."""
    place = _file_in(asked.namespace, address, asked.fields)
    parts = [
        (part.required_number("part_number"), part.required("etag"))
        for part in asked.fields.entries("parts")
    ]
    complete = asked.registry.logged_files.complete
    complete(asked.caller, place.owner, place.path, asked.fields.required("upload_id"), parts)
    return answered()


@router.post("/mlflow-artifacts/mpu/abort/{address:path}")
def abort_multipart_upload(asked: Request, address: str) -> Response:
    """Give an upload up."""
    place = _file_in(asked.namespace, address, asked.fields)
    abort = asked.registry.logged_files.abort
    abort(asked.caller, place.owner, place.path, asked.fields.required("upload_id"))
    return answered()


@router.get("/get-artifact")
def get_artifact(asked: Request) -> Response:
    """A file of a run."""
    run_id = asked.fields.text("run_id") or asked.fields.required("run_uuid")
    place = run_place(asked.namespace, run_id, asked.fields.required("path"))
    return RedirectResponse(fetched(asked, place).request.url, 307)


@router.get("/model-versions/get-artifact")
def get_version_artifact(asked: Request) -> Response:
    """A file of a version; with `presigned`, where to fetch it."""
    name, number = model_named(asked.fields), version_numbered(asked.fields)
    path = safe(asked.fields.required("path"))
    found = asked.registry.downloads.get(asked.caller, asked.namespace, name, number, path)
    if asked.fields.flag("presigned"):
        return answered(download(found.request, found.file.size_bytes))
    return RedirectResponse(found.request.url, 307)


def _page(asked: Asked, place: LoggedPlace, root: str) -> Response:
    request = PageRequest(WHOLE_PAGE, asked.fields.text("page_token") or None)
    page = page_of(asked, place, request)
    files = [listed_file(entry, place.path) for entry in page.items]
    return answered(present(root_uri=root, files=files, next_page_token=page.next_token))


def _some(namespace: str, address: str) -> Place:
    place = place_in(namespace, address)
    if place is None:
        raise nowhere(address)
    return place


def _file_in(namespace: str, address: str, fields: Fields) -> LoggedPlace:
    """The file of an upload: a name in the folder that the address names. Clients before 3.18 send
    their whole local path as its name."""
    name = ntpath.basename(posixpath.basename(fields.required("path")))
    return logged_place(namespace, f"{address.rstrip('/')}/{safe(name)}")
