"""XML from strangers as a stream of events: no document type, no entities, bounded depth, no tree in memory."""

from __future__ import annotations

from typing import Any, Protocol
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import XMLParser

from core.domain.evidence.limits import DEEPEST, MOST_ELEMENTS, Unreadable

PIECE = 64 * 1024
UNSAFE = "XML with a document type or entities is not read; take <!DOCTYPE ...> out"


class Reader(Protocol):
    """What is told of each element: `path` are the local names from the root to the element itself."""

    def begin(self, path: tuple[str, ...], attributes: dict[str, str]) -> None: ...

    def end(self, path: tuple[str, ...]) -> None: ...


class _Target:
    """Counts before it tells."""

    def __init__(self, reader: Reader) -> None:
        self._reader, self._path, self._elements = reader, (), 0  # type: tuple[Reader, tuple[str, ...], int]

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._path = (*self._path, local(tag))
        self._elements += 1
        if len(self._path) > DEEPEST:
            raise Unreadable("unsafe", f"elements lie more than {DEEPEST} deep")
        if self._elements > MOST_ELEMENTS:
            raise Unreadable("unsafe", f"there are more than {MOST_ELEMENTS} elements")
        self._reader.begin(self._path, attributes)

    def end(self, tag: str) -> None:
        self._reader.end(self._path)
        self._path = self._path[:-1]

    def close(self) -> None:
        """Nothing is built, so nothing is handed over."""


def stream(body: bytes, reader: Reader) -> None:
    """Tell `reader` what is in the body. Raises Unreadable, and nothing else."""
    parser: Any = XMLParser(target=_Target(reader), forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        for at in range(0, len(body), PIECE):
            parser.feed(body[at : at + PIECE])
        parser.close()
    except DefusedXmlException:
        raise Unreadable("unsafe", UNSAFE) from None
    except ParseError as error:
        line, column = getattr(error, "position", (0, 0))
        raise Unreadable("syntax", f"this is no well-formed XML: line {line}, column {column}") from None
    except (ValueError, LookupError):  # an encoding that nobody knows, or letters that are none in it
        raise Unreadable("syntax", "the encoding of this XML cannot be read") from None


def local(tag: str) -> str:
    """The name without its namespace."""
    return tag.rpartition("}")[2]


class _Root:
    """Remembers the first name and wants no more."""

    name = ""

    def begin(self, path: tuple[str, ...], attributes: dict[str, str]) -> None:
        self.name = path[-1]
        raise _Enough

    def end(self, path: tuple[str, ...]) -> None: ...


class _Enough(Exception):
    """The root is known."""


def root_of(body: bytes) -> str:
    """The local name of the root, from the first part of the body. Raises Unreadable."""
    reader = _Root()
    try:
        stream(body, reader)
    except _Enough:
        return reader.name
    raise Unreadable("syntax", "this XML has no root")
