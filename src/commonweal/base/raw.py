"""Raw payloads, kept as they came: zstd files under ``home().raw``.

A *payload* on its own is one file named by its SHA-256. A *pack* holds many small payloads (a page of records) in one file
with a random name; a packed payload's ref is ``<pack>:<index>``. Every read checks the digest; nothing is decompressed beyond
a limit.

Layout of a pack: blocks, each one zstd frame of at most 1 MB of payloads (or of one larger payload) · block table · entry
table · footer. Tables have rows of fixed size, so one payload is read with three short reads and one block. The name does not
depend on the content, so that a lawful erasure can write a pack anew with one entry zeroed and all other refs unchanged.
"""

from __future__ import annotations

import os
import re
import secrets
import struct
import tempfile
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple

import zstandard

from commonweal.base.home import home
from commonweal.kernel.errors import CommonwealError

BLOCK_BYTES = 1_000_000
MOST_BYTES = 256_000_000  # of one payload; more than any registry's whole file
LEVEL = 6
MAGIC = b"cwpack01"
BLOCK = struct.Struct("<QII")  # where the frame starts, its length, its length when decompressed
ENTRY = struct.Struct("<III32s")  # block, offset in it, length, SHA-256
FOOTER = struct.Struct("<QII8s")  # where the block table starts, number of blocks, number of entries, MAGIC


def put(data: bytes) -> str:
    """Store a payload, once however often it is put; its SHA-256 in hex. Raises ``raw-too-large``."""
    _check_size(len(data))
    name = sha256(data).hexdigest()
    path = _payload_path(name)
    if not path.exists():
        _write(path, zstandard.compress(data, LEVEL))
    return name


def get(name: str, *, most_bytes: int = MOST_BYTES) -> bytes:
    """A payload by its SHA-256. Raises ``raw-missing``, ``raw-damaged`` or ``raw-too-large``."""
    try:
        packed = _payload_path(name).read_bytes()
    except FileNotFoundError:
        raise _missing(name) from None
    return _checked(name, _decompress(packed, most_bytes, name), bytes.fromhex(name))


def exists(name: str) -> bool:
    """Whether the payload, or the packed payload's pack, is there."""
    path = _pack_path(name.partition(":")[0]) if ":" in name else _payload_path(name)
    return path.exists()


def delete(name: str) -> None:
    """Remove a payload; nothing happens when there is none."""
    _payload_path(name).unlink(missing_ok=True)


class PackWriter:
    """Writes one pack, streaming: memory holds one block and some 100 bytes a payload.

    ``add`` answers the ref at once; it can be read after ``close``, so close before committing rows that hold refs. As a
    context manager it closes at the end, and an error inside leaves nothing behind. A pack without payloads makes no file.
    """

    def __init__(self) -> None:
        self._name = secrets.token_hex(16)
        self._file: BinaryIO | None = None
        self._draft = home().raw / f".{self._name}.pack"
        self._block = bytearray()
        self._blocks: list[bytes] = []
        self._entries: list[bytes] = []
        self._compressor = zstandard.ZstdCompressor(level=LEVEL)

    def add(self, payload: bytes) -> str:
        """Add a payload; its ref. Raises ``raw-too-large``."""
        _check_size(len(payload))
        if self._block and len(self._block) + len(payload) > BLOCK_BYTES:
            self._flush()
        self._entries.append(ENTRY.pack(len(self._blocks), len(self._block), len(payload), sha256(payload).digest()))
        self._block += payload
        return f"{self._name}:{len(self._entries) - 1}"

    def close(self) -> None:
        """Write what is left and give the pack its name."""
        if not self._entries:
            return
        file = self._flush()
        table = file.tell()
        file.writelines(self._blocks)
        file.writelines(self._entries)
        file.write(FOOTER.pack(table, len(self._blocks), len(self._entries), MAGIC))
        file.flush()
        os.fsync(file.fileno())
        file.close()
        path = _pack_path(self._name)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._draft.replace(path)

    def __enter__(self) -> PackWriter:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if kind is None:
            self.close()
        elif self._file is not None:
            self._file.close()
            self._draft.unlink()

    def _flush(self) -> BinaryIO:
        if self._file is None:
            self._draft.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._draft.open("wb")
        frame = self._compressor.compress(bytes(self._block))
        self._blocks.append(BLOCK.pack(self._file.tell(), len(frame), len(self._block)))
        self._file.write(frame)
        self._block.clear()
        return self._file


def read_packed(ref: str, *, most_bytes: int = MOST_BYTES) -> bytes:
    """A packed payload by its ref. Raises ``raw-missing``, ``raw-damaged`` or ``raw-too-large``."""
    name, _, index = ref.partition(":")
    if not re.fullmatch("[0-9]{1,9}", index):
        raise _missing(ref)
    try:
        with _pack_path(name).open("rb") as file:
            place = _find(file, int(index), ref)
            if place.block_bytes > max(most_bytes, BLOCK_BYTES):
                raise _too_large(place.block_bytes, most_bytes)
            block = _decompress(_read(file, place.start, place.frame_bytes, ref), place.block_bytes, ref)
    except FileNotFoundError:
        raise _missing(ref) from None
    return _checked(ref, block[place.offset : place.offset + place.length], place.digest)


class _Place(NamedTuple):
    """Where a packed payload stands: its frame in the file, itself in the decompressed block."""

    start: int
    frame_bytes: int
    block_bytes: int
    offset: int
    length: int
    digest: bytes


def _find(file: BinaryIO, index: int, ref: str) -> _Place:
    end = file.seek(0, os.SEEK_END) - FOOTER.size
    table, blocks, entries, magic = FOOTER.unpack(_read(file, end, FOOTER.size, ref))
    if magic != MAGIC:
        raise _damaged(ref)
    if index >= entries:
        raise _missing(ref)
    at = table + blocks * BLOCK.size + index * ENTRY.size
    block, offset, length, digest = ENTRY.unpack(_read(file, at, ENTRY.size, ref))
    start, frame_bytes, block_bytes = BLOCK.unpack(_read(file, table + block * BLOCK.size, BLOCK.size, ref))
    return _Place(start, frame_bytes, block_bytes, offset, length, digest)


def _read(file: BinaryIO, start: int, length: int, ref: str) -> bytes:
    """Bytes of the file; ``raw-damaged`` when it is shorter than its own tables say."""
    size = file.seek(0, os.SEEK_END)
    if start < 0 or start + length > size:
        raise _damaged(ref)
    file.seek(start)
    return file.read(length)


def _decompress(packed: bytes, most_bytes: int, name: str) -> bytes:
    try:
        size = zstandard.frame_content_size(packed)
        if size > most_bytes:
            raise _too_large(size, most_bytes)
        # Output beyond what the frame declares is an error in zstd itself; a frame that declares nothing is not ours.
        return zstandard.ZstdDecompressor().decompress(packed) if size > 0 else b""
    except zstandard.ZstdError as error:
        raise _damaged(name) from error


def _checked(name: str, data: bytes, digest: bytes) -> bytes:
    if sha256(data).digest() != digest:
        raise _damaged(name)
    return data


def _payload_path(name: str) -> Path:
    return _path(name, 64, "zst")


def _pack_path(name: str) -> Path:
    return _path(name, 32, "pack")


def _path(name: str, digits: int, suffix: str) -> Path:
    """Two levels of folders: a million files are then about 15 in each. Also what keeps a name from leaving the store."""
    if not re.fullmatch(f"[0-9a-f]{{{digits}}}", name):
        raise _missing(name)
    return home().raw / name[:2] / name[2:4] / f"{name}.{suffix}"


def _write(path: Path, data: bytes) -> None:
    """Whole or not at all: a reader, or a crash, never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".put.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise _too_large(size, MOST_BYTES)


def _missing(name: str) -> CommonwealError:
    return CommonwealError("raw-missing", f"There is no raw payload {name[:80]}.", "Harvest its source again.", status=404)


def _damaged(name: str) -> CommonwealError:
    return CommonwealError("raw-damaged", f"Raw payload {name[:80]} is damaged.", "Restore it from a backup.", status=500)


def _too_large(size: int, most_bytes: int) -> CommonwealError:
    return CommonwealError("raw-too-large", f"A payload of {size:,} bytes is over the limit of {most_bytes:,}.")
