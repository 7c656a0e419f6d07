"""Operations on the files that a run keeps. No bytes of them pass here."""

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from core.domain.logged_files import FileOwner, OwnerKind
from handlers.api.dependencies import CurrentCaller, CurrentPage, CurrentRegistry
from handlers.api.v1.answers import answer, answers, page
from handlers.api.v1.routes import group
from handlers.api.v1.wire.logged_files import NewLoggedFile, logged_entry, sending

router = group("logged_files", "/namespaces/{namespace}/runs/{run}/files")

Named = Annotated[str, Path(description="The run's decimal id.")]


@router.get("", openapi_extra=answers((200, "LoggedEntryPage")))
def page_run_files(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    wanted: CurrentPage,
    folder: Annotated[
        str, Query(description="Which folder; all begin where none is named.", max_length=1024)
    ] = "",
) -> Response:
    """What a run keeps in one folder, by name: its files, and the folders in it."""
    owner = FileOwner(namespace, OwnerKind.RUN, run)
    found = registry.logged_files.page(caller, owner, folder, wanted)
    return page(found, lambda entry: logged_entry(entry, folder))


@router.post("", openapi_extra=answers((200, "LoggedSending")))
def send_run_file(
    registry: CurrentRegistry,
    caller: CurrentCaller,
    namespace: str,
    run: Named,
    body: NewLoggedFile,
) -> Response:
    """The address to which the bytes of one file of a run go by PUT, in place of those there are.
    Needs the role writer."""
    owner = FileOwner(namespace, OwnerKind.RUN, run)
    request = registry.logged_files.sign_put(caller, owner, body.path)
    return answer(sending(body.path, request))


@router.get("/{path:path}", status_code=307, openapi_extra=answers((307, None), problems=(409,)))
def get_run_file(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, run: Named, path: str
) -> Response:
    """Redirects to the bytes of one file of a run; ranges work there."""
    owner = FileOwner(namespace, OwnerKind.RUN, run)
    found = registry.logged_files.get(caller, owner, path)
    headers = {"Location": found.request.url, "Cache-Control": "no-store"}
    return Response(status_code=307, headers=headers)


@router.delete("/{path:path}", status_code=204, openapi_extra=answers((204, None)))
def remove_run_files(
    registry: CurrentRegistry, caller: CurrentCaller, namespace: str, run: Named, path: str
) -> Response:
    """Remove a file of a run, or a folder with all that is in it; there need not be one."""
    owner = FileOwner(namespace, OwnerKind.RUN, run)
    registry.logged_files.remove(caller, owner, path)
    return Response(status_code=204)
