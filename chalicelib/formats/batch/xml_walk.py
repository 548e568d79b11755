"""A walk over an XML file with the parser's own events: its header, its records, and anything that is not allowed
there.

No tree is kept. A document type declaration ends the walk before anything it declares is read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from operator import itemgetter
from xml.parsers import expat

from chalicelib.domain.failures import Failure, failure
from chalicelib.formats.batch.headings import nearest
from chalicelib.formats.batch.records import LONGEST_VALUE, MANY, Reading, Record
from chalicelib.formats.batch.xml_plain_records import PlainRecords

DEEPEST = 32
"""Levels of elements; a valid file has three."""

LONGEST_TAG = 1_048_576
"""Bytes of one tag, comment or processing instruction."""

_UTF_8 = frozenset({"", "utf-8", "us-ascii", "ascii"})
"""Declared encodings of which every byte is also UTF-8."""
_ENCODINGS = _UTF_8 | {"iso-8859-1", "latin1", "windows-1252", "cp1252", "utf-16", "utf-16le", "utf-16be"}
_HARMLESS_ATTRIBUTES = re.compile(r"xmlns:xsi|xsi:(?:noNamespaceSchemaLocation|schemaLocation)|xml:lang")
_ENTITY_ERRORS = frozenset({expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]})
_ENCODING_ERRORS = frozenset(
    expat.errors.codes[message]
    for message in (expat.errors.XML_ERROR_UNKNOWN_ENCODING, expat.errors.XML_ERROR_INCORRECT_ENCODING)
)
_READ = "UTF-8, UTF-16, Windows-1252, ISO-8859-1"
_SUGGESTIONS = 200
"""Most unknown names of a file that are compared with the known ones."""
HANDOVERS = 20
"""How often we try to read the rest of a file as plain records; after that, the file counts as not plain."""
DEFERRAL = False
"""Whether the parser may put off a long tag or comment until more of the file is there (Expat 2.6)."""
SWITCH = "SetReparseDeferralEnabled"
"""The parser's method that decides this. With Expat 2.6, a Python without it always puts off."""
_RECENT = 4_096
"""Bytes kept from before a piece, since a mistake may be noticed shortly after the position where it begins."""
_STRANGE = 10_000
"""Elements that are not allowed beside the records, after which reading stops."""


class _Stop(Exception):
    """The rest of this file is not worth reading."""


class _RecordsBegin(Exception):
    """A record starts, and it and those after it may be plain."""

    def __init__(self, line: int, column: int, index: int) -> None:
        super().__init__(line)
        self.line = line
        self.column = column
        self.index = index
        """In bytes from the beginning of the parser's input."""


class Walk:
    """One pass over a file."""

    def __init__(self, reading: Reading) -> None:
        layout = reading.layout
        self._ready: list[Record] = []
        self.stopped = False
        self.plain: PlainRecords | None = None
        """Set if the rest of the file should be read as plain records before continuing here."""
        self._handovers = 0
        self._not_plain = False
        """Whether the next record is one that has just turned out not to be plain."""
        self._reading = reading
        self._layout = layout
        self._header_names = set(layout.header_names)
        self._none: dict[str, str | None] = dict.fromkeys((*layout.record_names, *layout.ignored))
        self._in_order = itemgetter(*layout.record_names)
        self._texts: list[str] = []
        self._number = 0
        self._line = 0
        self._values = self._none
        self._faults: list[Failure] = []
        self._field = ""
        self._header = ""
        self._header_place = 0, 0
        self._depth = 0
        self._strange = 0
        self._meant: dict[str, str] = {}
        self._fed = 0
        self._recent = b""
        self._recent_from = 0
        self._longest = LONGEST_TAG
        """Bytes that may wait for the end of a tag: a parser that puts off tries again when they have doubled."""
        self._parser = self._new_parser()

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate()
        if switch := getattr(parser, SWITCH, None):
            # Tags and comments have a limit here, so reading a long one again with each piece costs little.
            switch(DEFERRAL)
        self._longest = LONGEST_TAG if switch and not DEFERRAL else 2 * LONGEST_TAG
        parser.buffer_text = True
        parser.buffer_size = 65_536
        parser.XmlDeclHandler = self._declaration
        parser.StartDoctypeDeclHandler = self._document_type
        parser.CharacterDataHandler = self._texts.append
        parser.StartElementHandler = self._start_root
        parser.EndElementHandler = self._end_outer
        return parser

    # Feeding.

    def taken(self) -> list[Record]:
        """The records completed since the last call."""
        ready, self._ready = self._ready, []
        return ready

    def feed(self, piece: bytes) -> None:
        if not self._fed:
            in_utf_16 = b"\0" in piece[:2] or piece.startswith((b"\xff\xfe", b"\xfe\xff"))
            self._handovers = 0 if in_utf_16 else HANDOVERS
        self._recent = self._recent[-_RECENT:]
        self._recent_from = self._fed - len(self._recent)
        self._recent += piece
        self._parse(piece, final=False)
        self._fed += len(piece)
        if not self.stopped and self._fed - self._parser.CurrentByteIndex > self._longest + len(piece):
            self._refuse(self._at("ACB018", limit=LONGEST_TAG))

    def _hand_over(self, at: _RecordsBegin) -> None:
        """Have the rest of the piece and those after it read as plain records."""
        self._handovers -= 1
        self.plain = PlainRecords(self._layout, self._number, at.line, at.column)
        self.plain.rest = self._recent[at.index - self._recent_from :]

    def resume(self, plain: PlainRecords) -> None:
        """Continue after plain records, with a parser that is moved to that position in the file."""
        self._number = plain.number
        self._parser = self._new_parser()
        root = f"<{self._layout.root}>"
        on_line = plain.column - 1 - (len(root) if plain.line == 1 else 0)
        self._fed, self._recent = 0, b""
        self._handovers, left = 0, self._handovers
        self._texts.clear()
        self.feed(f"{root}{chr(10) * (plain.line - 1)}{' ' * on_line}".encode())
        self._handovers, self._not_plain = left, True
        self.feed(plain.rest)

    def close(self) -> None:
        """The end of the file: what the parser has put off comes now, so there may be more records or plain ones."""
        self._parse(b"", final=True)
        if self.stopped or self.plain is not None:
            return
        layout = self._layout
        given = self._reading.header
        missing = [field.column for field in layout.header if field.always and field.column not in given]
        self._reading.add(*(failure("ACB006", name) for name in missing))
        if self._number == 0:
            self._reading.add(failure("WSEC0047"))
        elif self._number > layout.max_records:
            self._reading.add(failure("WSEC0046", limit=layout.max_records, found=self._number))

    def _parse(self, piece: bytes, *, final: bool) -> None:
        try:
            self._parser.Parse(piece, final)
        except _RecordsBegin as at:
            self._hand_over(at)
        except expat.ExpatError as wrong:
            self._refuse(self._not_well_formed(wrong))
        except _Stop:
            self.stopped = True
            self._reading.countable = False

    def _refuse(self, reason: Failure) -> None:
        self._reading.add(reason)
        self._reading.countable = False
        self.stopped = True

    def _at(self, code: str, field: str = "", **detail: object) -> Failure:
        """A failure at the parser's current position."""
        parser = self._parser
        return failure(code, field, line=parser.CurrentLineNumber, column=parser.CurrentColumnNumber + 1, **detail)

    def _not_well_formed(self, wrong: expat.ExpatError) -> Failure:
        place = {"line": wrong.lineno, "column": wrong.offset + 1}
        if wrong.code in _ENTITY_ERRORS:
            return failure("ACB011", **place, reason="entity")
        if wrong.code in _ENCODING_ERRORS:
            return failure("ACB004", **place, hint="declared", expected=_READ)
        at = self._parser.ErrorByteIndex - self._recent_from
        byte = self._recent[at : at + 1] if at >= 0 else b""
        if byte and byte < b"\x20" and byte not in b"\t\r\n":
            return failure("ACB005", **place)
        if byte >= b"\x80" and _is_not_utf_8(self._recent[at : at + 4]):
            return failure("ACB004", **place, expected="UTF-8", hint="")
        return failure("ACB010", **place, reason=expat.ErrorString(wrong.code))

    def _declaration(self, _: str, encoding: str | None, __: int) -> None:
        """The XML declaration. Every other encoding is refused, before the parser asks Python for it."""
        declared = (encoding or "").lower()
        if declared not in _ENCODINGS:
            self._reading.add(failure("ACB004", line=1, column=1, hint="declared", expected=_READ))
            raise _Stop
        if declared not in _UTF_8:
            self._handovers = 0

    def _document_type(self, *_: object) -> None:
        self._reading.add(self._at("ACB011", reason="document type"))
        raise _Stop

    # Root and header.

    def _start_root(self, name: str, attributes: dict[str, str]) -> None:
        self._check_root(name, attributes)
        self._texts.clear()
        self._parser.StartElementHandler = self._start_outer

    def _check_root(self, name: str, attributes: dict[str, str]) -> None:
        root = self._layout.root
        if name != root and name.rpartition(":")[2] != root:
            self._reading.add(self._at("ACB012", "", reason="root", expected=root))
            raise _Stop
        if name != root or "xmlns" in attributes:
            self._reading.add(self._at("ACB012", root, reason="namespace", expected=root))
            raise _Stop
        if not all(_HARMLESS_ATTRIBUTES.fullmatch(attribute) for attribute in attributes):
            self._reading.add(self._at("ACB012", root, reason="attribute"))

    def _start_outer(self, name: str, attributes: dict[str, str]) -> None:
        """An element in the root, or one that is not allowed in a header element."""
        self._stray_text_of_root()
        if self._depth:
            self._deeper()
            self._no_place("nested", self._header)
            return
        if name == self._layout.element:
            if self._handovers and not self._not_plain and self._number < self._layout.max_records:
                self._offer_records()
            self._not_plain = False
            self._start_record(attributes)
            return
        self._depth = 1
        self._header = name if name in self._header_names else ""
        self._header_place = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        if not self._header:
            self._strange_element(name)
        elif name in self._reading.header:
            self._reading.add(self._at("ACB007", name))
        elif self._number:
            self._reading.add(self._at("ACB009", name))
        if attributes:
            self._no_place("attribute", self._header)

    def _offer_records(self) -> None:
        """Leave the rest of the file to be read as plain records, if the current tag is still completely available."""
        parser = self._parser
        if parser.CurrentByteIndex >= self._recent_from:
            raise _RecordsBegin(parser.CurrentLineNumber, parser.CurrentColumnNumber + 1, parser.CurrentByteIndex)

    def _strange_element(self, name: str) -> None:
        self._strange += 1
        if self._strange > _STRANGE:
            raise _Stop
        if not self._reading.has_many("ACB012"):
            self._no_place("element", self._meant_by(name, (self._layout.element, *self._header_names)))

    def _no_place(self, reason: str, field: str = "") -> None:
        """Something that is not allowed beside the records."""
        if not self._reading.has_many("ACB012"):
            self._reading.add(self._at("ACB012", field, reason=reason))

    def _end_outer(self, name: str) -> None:
        """The end of a header element, of something inside one, or of the root."""
        texts = self._texts
        if self._depth == 1 and self._header and self._header not in self._reading.header:
            self._reading.set_header(name, "".join(texts), self._header_place)
        elif self._depth == 0:
            self._stray_text_of_root()
        texts.clear()
        if self._depth:
            self._depth -= 1

    def _stray_text_of_root(self) -> None:
        texts = self._texts
        if texts:
            if self._depth == 0 and not _is_blank(texts):
                self._no_place("text")
            texts.clear()

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            self._reading.add(self._at("ACB012", "", reason="depth", limit=DEEPEST))
            raise _Stop

    # Records.

    def _start_record(self, attributes: dict[str, str]) -> None:
        parser = self._parser
        self._number += 1
        self._line = parser.CurrentLineNumber
        self._values = self._none.copy()
        self._faults = []
        if attributes:
            self._fault("", reason="attribute")
        parser.StartElementHandler = self._start_field
        parser.EndElementHandler = self._end_field

    def _start_field(self, name: str, attributes: dict[str, str]) -> None:
        if self._field:
            self._nested()
            return
        texts = self._texts
        if texts:
            if not texts[0].isspace() or len(texts) > 1:
                self._stray_text()
            texts.clear()
        if attributes or self._values.get(name, name) is not None:
            self._odd_field(name, attributes)
        self._field = name

    def _odd_field(self, name: str, attributes: dict[str, str]) -> None:
        known = name in self._none
        if not known:
            self._fault(self._meant_by(name, self._layout.record_names), reason="unknown")
        elif self._values[name] is not None:
            self._fault(name, reason="doubled")
        if attributes:
            self._fault(name if known else "", reason="attribute")

    def _end_field(self, name: str) -> None:
        if self._depth:
            self._depth -= 1
            return
        texts = self._texts
        if self._field:
            self._field = ""
            if not texts:
                self._values[name] = ""
                return
            text = texts[0] if len(texts) == 1 else "".join(texts)
            self._values[name] = text.strip(" \t\r\n")[:LONGEST_VALUE]
            texts.clear()
            return
        if texts:
            self._stray_text()
            texts.clear()
        self._end_record()

    def _end_record(self) -> None:
        number = self._number
        if number <= self._layout.max_records:
            values = tuple([value or "" for value in self._in_order(self._values)])
            self._ready.append(Record(number, self._line, values, tuple(self._faults)))
        elif number <= 10 * self._layout.max_records:
            self._ready.append(Record(number, self._line, ()))
        else:
            self._reading.add(failure("WSEC0046", limit=self._layout.max_records, found=f"more than {number - 1}"))
            raise _Stop
        self._parser.StartElementHandler = self._start_outer
        self._parser.EndElementHandler = self._end_outer

    def _nested(self) -> None:
        """An element inside a value: reported once, and its text is part of the value."""
        if not self._depth:
            self._fault(self._field if self._field in self._none else "", reason="nested")
        self._deeper()

    def _stray_text(self) -> None:
        if not _is_blank(self._texts):
            self._fault("", reason="text")

    def _meant_by(self, name: str, candidates: tuple[str, ...]) -> str:
        """The name that was probably meant by an unknown one, or ""."""
        if name not in self._meant:
            if len(self._meant) >= _SUGGESTIONS:
                return ""
            self._meant[name] = nearest(name, candidates)
        return self._meant[name]

    def _fault(self, field: str, **detail: object) -> None:
        if len(self._faults) < MANY:
            self._faults.append(self._at("ACF010", field, **detail))


def _is_blank(texts: Sequence[str]) -> bool:
    return not "".join(texts).strip(" \t\r\n")


def _is_not_utf_8(found: bytes) -> bool:
    try:
        found.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return wrong.start == 0
    return False
