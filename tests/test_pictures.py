"""A picture with a palette is a whole PNG, smaller, and of the same colours where there are few."""

from __future__ import annotations

import struct
import zlib

from tests.pictures.palette import SIGNATURE, with_palette


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def rgb(rows: list[bytes], width: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, len(rows), 8, 2, 0, 0, 0)
    return SIGNATURE + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(rows))) + chunk(b"IEND", b"")


def test_every_filter_is_taken_off_and_every_colour_kept() -> None:
    red, blue = b"\xff\x00\x00", b"\x00\x00\xff"
    rows = [
        b"\x00" + red + blue,  # none
        b"\x01" + red + bytes([1, 0, 255]),  # sub: the second is what must be added to red to get blue
        b"\x02" + bytes(6),  # up: as above
        b"\x03" + bytes([128, 0, 0]) + bytes([129, 0, 128]),  # average
        b"\x04" + bytes(6),  # paeth: nothing added, so the foreseen pixel stands
    ]
    small = with_palette(rgb(rows, 2))
    assert small.startswith(SIGNATURE + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBB", 2, 5, 8, 3, 0))
    palette = small[small.index(b"PLTE") + 4 :][:6]
    assert {palette[:3], palette[3:6]} == {red, blue}
    at = small.index(b"IDAT")
    lines = zlib.decompress(small[at + 4 : at + 4 + struct.unpack(">I", small[at - 4 : at])[0]])
    colours = [palette[i * 3 : i * 3 + 3] for i in lines if i < 2]
    pixels = [palette[lines[y * 3 + 1 + x] * 3 :][:3] for y in range(5) for x in range(2)]
    assert pixels == [red, blue] * 5
    assert len(colours) == 15  # each row begins with the filter "none"


def test_many_colours_become_at_most_256() -> None:
    row = b"\x00" + b"".join(bytes([i % 256, i // 256 * 40, i * 7 % 256]) for i in range(1_000))
    small = with_palette(rgb([row], 1_000))
    length = struct.unpack(">I", small[small.index(b"PLTE") - 4 : small.index(b"PLTE")])[0]
    assert 0 < length <= 768
