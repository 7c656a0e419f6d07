"""Taking a version's bytes away."""

from core.ports import BlobStore, Database

_BATCH = 100


def remove_files(database: Database, blobs: BlobStore, version_id: int) -> None:
    """Remove the bytes of a version's files, then the files' records, so that nothing is copied
    from them any more. Whatever fails in between is done again by the next call."""
    while files := database.files.page(version_id, after=None, limit=_BATCH):
        for file in files:
            if file.multipart_id is not None:
                blobs.abort(file.key, file.multipart_id)
            blobs.remove(file.key)
        database.files.remove(version_id, [file.path for file in files])
