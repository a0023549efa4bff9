"""Makes a PNG small: 8-bit colours become a palette of at most 256, which flat pages hardly show."""

from __future__ import annotations

import struct
import zlib
from collections import Counter
from collections.abc import Iterator

SIGNATURE = b"\x89PNG\r\n\x1a\n"
STEPS = (1, 2, 4, 8, 12, 16, 24, 32, 48)  # how coarse colours are told apart, until 256 are enough
CHANNELS = {2: 3, 6: 4}


def with_palette(png: bytes) -> bytes:
    """The same picture with a palette; the input is 8-bit RGB or RGBA without interlace, as browsers write it."""
    parts = dict[bytes, bytes]()
    for kind, body in _chunks(png):
        parts[kind] = parts.get(kind, b"") + body
    width, height, depth, colour, *_rest, interlace = struct.unpack(">IIBBBBB", parts[b"IHDR"])
    if depth != 8 or colour not in CHANNELS or interlace:
        raise ValueError("not an 8-bit RGB or RGBA picture")
    size = CHANNELS[colour]
    rows = list(_rows(zlib.decompress(parts[b"IDAT"]), width * size, size))
    pixels = [bytes(row[i : i + 3]) for row in rows for i in range(0, len(row), size)]
    index, palette = _palette(Counter(pixels))
    flat = bytes(index[pixel] for pixel in pixels)
    lines = b"".join(b"\0" + flat[y * width : (y + 1) * width] for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)
    written = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(kind, body) for kind, body in written)


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = len(SIGNATURE)
    while at < len(png):
        length, kind = struct.unpack(">I4s", png[at : at + 8])
        yield kind, png[at + 8 : at + 8 + length]
        at += 12 + length


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _rows(data: bytes, length: int, size: int) -> Iterator[bytearray]:
    """Take the filters off, by the five rules of the format."""
    above = bytearray(length)
    for start in range(0, len(data), length + 1):
        kind, row = data[start], bytearray(data[start + 1 : start + 1 + length])
        for i in range(length) if kind else ():
            left = row[i - size] if i >= size else 0
            row[i] = (row[i] + _foreseen(kind, left, above[i], above[i - size] if i >= size else 0)) & 255
        yield row
        above = row


def _foreseen(kind: int, left: int, up: int, corner: int) -> int:
    if kind < 3:
        return (0, left, up)[kind]
    if kind == 3:
        return (left + up) // 2
    near = left + up - corner
    return min((abs(near - left), 0, left), (abs(near - up), 1, up), (abs(near - corner), 2, corner))[2]


def _palette(counts: Counter[bytes]) -> tuple[dict[bytes, int], bytes]:
    """Colours that lie close share the one that is used most."""
    for step in STEPS:
        groups: dict[tuple[int, ...], list[bytes]] = {}
        for colour, _count in counts.most_common():
            groups.setdefault(tuple(c // step for c in colour), []).append(colour)
        if len(groups) <= 256:
            break
    index = {colour: number for number, group in enumerate(groups.values()) for colour in group}
    return index, b"".join(group[0] for group in groups.values())
