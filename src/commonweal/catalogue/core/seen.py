"""Seen: which of a source's records a run has met, one bit each, so that an unchanged record costs no write."""

from __future__ import annotations

import zlib
from collections.abc import Iterable


class Seen:
    """A set of small whole numbers (``Record.number``); a million of them fit in 125 KB, in far less as `packed`."""

    def __init__(self, packed: bytes = b"") -> None:
        self._bits = bytearray(zlib.decompress(packed)) if packed else bytearray()

    def add(self, number: int) -> bool:
        """Note a number; False when it was noted before."""
        place, bit = number >> 3, 1 << (number & 7)
        if place >= len(self._bits):
            self._bits.extend(bytes(max(place + 1 - len(self._bits), len(self._bits))))
        if self._bits[place] & bit:
            return False
        self._bits[place] |= bit
        return True

    def __contains__(self, number: int) -> bool:
        place = number >> 3
        return place < len(self._bits) and bool(self._bits[place] & (1 << (number & 7)))

    def __len__(self) -> int:
        return int.from_bytes(self._bits, "little").bit_count()

    def absent(self, numbers: Iterable[int]) -> list[int]:
        """Those of `numbers` that are not in the set."""
        return [number for number in numbers if number not in self]

    def packed(self) -> bytes:
        """The set as bytes for `Seen(packed)`: equal sets give equal bytes."""
        return zlib.compress(bytes(self._bits).rstrip(b"\0"), level=1)
