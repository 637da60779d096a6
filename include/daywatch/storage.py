"""Objects in an S3 bucket or a local folder, behind the same few calls.

obstore (Rust's object_store) streams both, retries requests to S3 and writes local files atomically.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daywatch.config.deployment.connections import S3_CONNECTION
from daywatch.engine.budget import STORAGE_CHUNK, UPLOAD_PARTS
from daywatch.engine.failures import machine_failures
from daywatch.errors import ArtifactError, InfrastructureError, SetupError
from daywatch.s3_client import s3_client, s3_errors, s3_store
from daywatch.storage_errors import other_answer, storage_errors

if TYPE_CHECKING:
    from collections.abc import Callable

    from daywatch.config.deployment.deployment import Deployment

_PAGE_KEYS = 1_000
"""Keys of a page of a listing at most, as S3 answers it: a listing of fewer has one page."""

_LISTINGS = 4
"""Listings of a folder at most, until one has all that the one before it had."""

_PARQUET = b"PAR1"
_PARQUET_END = 8
"""The last bytes of a Parquet file: the length of its footer, and the same mark as at its start."""

_LEAST_PART = 5 << 20
_MOST_PARTS = 10_000
"""Of one object, as S3 allows (https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html)."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, order=True)
class StoredObject:
    """An object as a listing shows it.

    Attributes:
        key: Path below the storage's URI.
        size: Size in bytes.
        etag: The store's fingerprint of the content (ETag), empty if it gives none.
        modified: When it was stored, UTC.
    """

    key: str
    size: int
    etag: str = ""
    modified: datetime | None = field(default=None, compare=False)

    @property
    def is_readable(self) -> bool:
        """False for a key that obstore cannot name: with an empty part, ``.``, ``..`` or a control character."""
        return not (_CONTROL.search(self.key) or {"", ".", ".."} & set(self.key.split("/")))


class Storage:
    """Objects below one URI, ``s3://bucket[/prefix]`` or a local folder."""

    def __init__(
        self,
        uri: str,
        store: Any,
        secrets: frozenset[str] = frozenset(),
        list_any: Callable[[str], Iterable[StoredObject]] | None = None,
        conn_id: str = S3_CONNECTION,
    ) -> None:
        """Use an obstore store whose paths are relative to the URI.

        Args:
            uri: Address of the bucket and prefix, or of the folder, for messages and links.
            store: obstore's ``S3Store`` or ``LocalStore``.
            secrets: What no error may show: a server may repeat parts of a request in its answer.
            list_any: Lists a folder that has keys which obstore cannot name; None for the local folder's.
            conn_id: The id of the store's connection, for errors.
        """
        self.uri = uri.rstrip("/")
        self._store = store
        self._secrets = secrets
        self._list_any = list_any or self._list_folder
        self._conn_id = conn_id

    def address(self, key: str) -> str:
        """Return the full address of an object, for people."""
        return f"{self.uri}/{key}"

    def _errors(self, action: str) -> AbstractContextManager[None]:
        return storage_errors(action, self.uri, self._secrets, self._conn_id)

    def list(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the objects below a folder, in the order of their keys; some may not be ``is_readable``.

        A server's listing that is empty or has several pages is asked for twice, because a proxy or a fault may
        answer with a page that is none, or leave one out: such a window would look as if it had no data.

        Raises:
            SetupError: The server refuses the key, or there is no such bucket.
            InfrastructureError: The store did not answer, or not with a listing that can be relied on.
        """
        is_local = not self.uri.startswith("s3://")
        before: set[str] | None = None
        for _ in range(_LISTINGS):
            found, is_repeated = self._list_once(prefix)
            keys = set(found)
            if not is_repeated and (is_local or 0 < len(keys) < _PAGE_KEYS or _goes_on(before, keys)):
                yield from sorted(found.values())
                return
            if not found and not is_repeated:
                self._check_listing(prefix)
            before = None if is_repeated else keys
        msg = (
            f"Could not list {self.address(prefix)}: of {_LISTINGS} listings in a row, each repeats objects or lacks "
            "some that the one before it had. A retry lists again; if it stays so, check the storage, or a proxy "
            "before it."
        )
        raise InfrastructureError(msg)

    def _list_once(self, prefix: str) -> tuple[dict[str, StoredObject], bool]:
        """Return the objects of one listing by key, and whether it ended early because an object came twice."""
        from obstore.exceptions import InvalidPathError

        found: dict[str, StoredObject] = {}
        with self._errors(f"list {self.address(prefix)}"):
            try:
                for batch in self._store.list(prefix=prefix):
                    for meta in batch:
                        if meta["path"] in found:
                            return {}, True
                        found[meta["path"]] = _stored(meta)
            except InvalidPathError:
                # One odd key would end the listing of its folder.
                return {one.key: one for one in self._list_any(prefix)}, False
        return found, False

    def _check_listing(self, prefix: str) -> None:
        """Check that an empty listing is one: obstore takes any XML, such as a login page, for an empty listing.

        Raises:
            InfrastructureError: The server answered with something else.
        """
        for _ in self._list_any(prefix):
            return

    def _list_folder(self, prefix: str) -> Iterator[StoredObject]:
        """Yield the files below a local folder, whatever their names."""
        for path in Path(self.uri, prefix).rglob("*"):
            if path.is_file():
                odd = StoredObject(path.relative_to(self.uri).as_posix(), path.stat().st_size)
                yield (self.find(odd.key) or odd) if odd.is_readable else odd

    def names(self, prefix: str) -> tuple[str, ...]:
        """Return the names of folders and objects right below a folder, in order; folders end with ``/``.

        Args:
            prefix: The folder, empty for the whole storage.

        Raises:
            SetupError: The server refuses the key, or there is no such bucket.
            InfrastructureError: The store did not answer.
        """
        with self._errors(f"list {self.address(prefix)}"):
            found = self._store.list_with_delimiter(prefix or None)
        folders = [f"{one.rstrip('/').rpartition('/')[2]}/" for one in found["common_prefixes"]]
        return tuple(sorted([*folders, *(one["path"].rpartition("/")[2] for one in found["objects"])]))

    def exists(self, key: str) -> bool:
        """Return whether there is an object with this key."""
        with self._errors(f"look for {self.address(key)}"):
            try:
                self._answered(key, self._store.head(key))
            except FileNotFoundError:
                return False
        return True

    def find(self, key: str) -> StoredObject | None:
        """Return an object as a listing would show it, None if there is none.

        Raises:
            SetupError: The server refuses the key, or there is no such bucket.
            InfrastructureError: The store did not answer.
        """
        with self._errors(f"look for {self.address(key)}"):
            try:
                meta = self._answered(key, self._store.head(key))
            except FileNotFoundError:
                return None
        return _stored(meta)

    def read(self, key: str) -> bytes:
        """Return the whole content of a small object.

        Raises:
            FileNotFoundError: There is no such object.
            SetupError: The server refuses the key, or there is no such bucket.
            InfrastructureError: The store did not answer.
        """
        with self._errors(f"read {self.address(key)}"):
            return bytes(self._get(key).bytes())

    def write(self, key: str, content: bytes) -> str:
        """Write a small object and return its address."""
        with self._errors(f"write {self.address(key)}"):
            self._store.put(key, content)
        return self.address(key)

    def stream(self, key: str) -> Iterator[bytes]:
        """Yield an object's content in chunks of some megabytes.

        Raises:
            FileNotFoundError: There is no such object.
            SetupError: The server refuses the key, or there is no such bucket.
            InfrastructureError: The store did not answer.
        """
        yield from self._stream(key, {})

    def stream_listed(self, stored: StoredObject) -> Iterator[bytes]:
        """Yield an object's content exactly as it was listed.

        Raises:
            InfrastructureError: The store did not answer, or the object has changed or is gone; a retry lists
                again.
        """
        size = 0
        with self._unchanged(stored):
            for chunk in self._stream(stored.key, _if_unchanged(stored)):
                size += len(chunk)
                yield chunk
        self._check_size(stored, size)

    def read_listed(self, stored: StoredObject) -> bytes:
        """Return the whole content of a small object exactly as it was listed.

        Raises:
            InfrastructureError: The store did not answer, or the object has changed or is gone; a retry lists
                again.
        """
        with self._unchanged(stored), self._errors(f"read {self.address(stored.key)}"):
            content = bytes(self._get(stored.key, _if_unchanged(stored)).bytes())
        self._check_size(stored, len(content))
        return content

    @contextmanager
    def _unchanged(self, stored: StoredObject) -> Iterator[None]:
        from obstore.exceptions import PreconditionError

        try:
            yield
        except (FileNotFoundError, PreconditionError) as error:
            msg = f"{self.address(stored.key)} changed since it was listed; a retry reads what is there now."
            raise InfrastructureError(msg) from error

    def _check_size(self, stored: StoredObject, size: int) -> None:
        if size != stored.size:
            msg = (
                f"{self.address(stored.key)} has {size:,} bytes, but its listing says {stored.size:,}; a retry lists "
                "and reads it again. If it stays so, check the storage, or a proxy before it."
            )
            raise InfrastructureError(msg)

    def _stream(self, key: str, options: dict[str, Any]) -> Iterator[bytes]:
        """Yield an object's content.

        Args:
            key: Path of the object below the storage's URI.
            options: obstore's options of the request, such as the ETag that must match.
        """
        with self._errors(f"read {self.address(key)}"):
            for chunk in self._get(key, options).stream(min_chunk_size=STORAGE_CHUNK):
                yield bytes(chunk)

    def _get(self, key: str, options: dict[str, Any] | None = None) -> Any:
        """Return obstore's result of a request for an object, with obstore's options."""
        found = self._store.get(key, options=options)
        self._answered(key, found.meta)
        return found

    def _answered(self, key: str, meta: Any) -> Any:
        """Return what obstore says about an object, if a storage said it: every S3 server answers with an ETag.

        Raises:
            InfrastructureError: Something else answered, such as a proxy's login page.
        """
        if self.uri.startswith("s3://") and not meta["e_tag"]:
            msg = other_answer(
                f"read {self.address(key)}", "an object: the answer has no ETag", self._conn_id
            )
            raise InfrastructureError(msg)
        return meta

    def download(self, key: str, target: Path) -> None:
        """Stream an artifact into a local file.

        Args:
            key: Path of the object below the storage's URI.
            target: The file, which is overwritten.

        Raises:
            FileNotFoundError: There is no such object.
            ArtifactError: It is Parquet by its name, but not by its content: a retry would read the same.
            SetupError: The server refuses the key, or there is no such bucket.
            InfrastructureError: The store did not answer.
        """
        with target.open("wb") as file:
            for chunk in self.stream(key):
                file.write(chunk)
        if key.endswith(".parquet") and not _is_whole_parquet(target):
            msg = (
                f"{self.address(key)} is not a whole Parquet file, as Daywatch wrote it. Restore it from a backup, "
                "or delete it and run the stage that writes it again."
            )
            raise ArtifactError(msg)

    def upload(self, source: Path, key: str) -> str:
        """Stream a local file to an object, in parts if it is large, and return the object's address."""
        with self._errors(f"write {self.address(key)}"):
            size = upload_part_size(source.stat().st_size)
            self._store.put(key, source, chunk_size=size, max_concurrency=UPLOAD_PARTS)
        return self.address(key)

    def delete(self, key: str) -> None:
        """Delete an object; it is no error if there is none."""
        with self._errors(f"delete {self.address(key)}"):
            try:
                self._store.delete(key)
            except FileNotFoundError:
                return


def _stored(meta: Any) -> StoredObject:
    """Return an object as obstore's listing shows it."""
    return StoredObject(meta["path"], meta["size"], meta["e_tag"] or "", meta["last_modified"])


def _goes_on(before: set[str] | None, keys: set[str]) -> bool:
    """Return whether a listing has all keys of the one before it; endpoints may have added others meanwhile."""
    return before is not None and before <= keys


def _if_unchanged(stored: StoredObject) -> dict[str, Any]:
    """Return obstore's options of a request for an object as it was listed."""
    return {"if_match": stored.etag} if stored.etag else {}


def upload_part_size(size: int) -> int:
    """Return the bytes of each part in which an object is uploaded.

    Args:
        size: Size of the object in bytes.
    """
    return max(_LEAST_PART, -(-size // _MOST_PARTS))


def _is_whole_parquet(file: Path) -> bool:
    """Return whether a file begins and ends as Parquet does (https://parquet.apache.org/docs/file-format/).

    That finds a file that was cut off or replaced, at no cost; damage in between shows when rows are read.
    """
    size = file.stat().st_size
    with file.open("rb") as opened:
        start = opened.read(len(_PARQUET))
        opened.seek(max(size - _PARQUET_END, 0))
        end = opened.read()
    footer = int.from_bytes(end[:4], "little")
    return start == _PARQUET == end[4:] and footer <= size - len(_PARQUET) - _PARQUET_END


def open_storage(uri: str, deployment: Deployment) -> Storage:
    """Open the storage of a URI with the deployment's S3 connection.

    Args:
        uri: ``s3://bucket[/prefix]``, or a local folder, which is created if it is missing.
        deployment: The deployment, which has the S3 connection.

    Raises:
        SetupError: The URI has another scheme, or the deployment has no S3 connection.
    """
    from obstore.store import LocalStore

    if uri.startswith("s3://"):
        secrets = deployment.s3.secrets if deployment.s3 else frozenset()
        client = cache(lambda: s3_client(deployment))  # takes as long as ten listings of empty folders
        return Storage(
            uri,
            s3_store(uri, deployment),
            secrets,
            lambda prefix: _list_s3(uri, deployment, client, prefix),
            deployment.s3_id,
        )
    if "://" in uri:
        msg = f"Expected s3://bucket/prefix or a local folder, but received {uri!r}."
        raise SetupError(msg)
    folder = Path(uri)
    with machine_failures(f"To make the folder {uri}"):
        folder.mkdir(parents=True, exist_ok=True)
    return Storage(str(folder.resolve()), LocalStore(folder))


def _list_s3(
    uri: str, deployment: Deployment, client: Callable[[], Any], prefix: str
) -> Iterator[StoredObject]:
    """Yield the objects below a folder of a bucket, whatever their keys, as boto3 lists them."""
    bucket, _, root = uri.removeprefix("s3://").partition("/")
    root = f"{root.rstrip('/')}/" if root else ""
    with s3_errors(f"list {uri.rstrip('/')}/{prefix}", bucket, deployment):
        pages = client().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{root}{prefix}")
        for page in pages:
            if "Name" not in page:  # boto3 reads any other document as an empty listing
                msg = other_answer(f"list {uri.rstrip('/')}/{prefix}", "a listing", deployment.s3_id)
                raise InfrastructureError(msg)
            for one in page.get("Contents", ()):
                yield StoredObject(
                    one["Key"].removeprefix(root), one["Size"], one.get("ETag", ""), one.get("LastModified")
                )
