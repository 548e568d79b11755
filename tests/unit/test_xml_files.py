"""Reading XML batch files, valid and hostile."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from xml.etree import ElementTree as ET
from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.failures import Failure, failure
from chalicelib.formats.batch.files import BatchFile, iter_records, read_batch
from chalicelib.formats.batch.layouts import ACHIEVEMENTS
from chalicelib.formats.batch.xml_files import element, escape
from chalicelib.formats.batch.xml_walk import DEEPEST, LONGEST_TAG
from tests.builders.files import FILENAME, csv_file, record, records, values, xml_elements, xml_file, xml_text

pytestmark = pytest.mark.req("ACH-06")

NAME = FILENAME + ".XML"
PROLOGUE = '<?xml version="1.0" encoding="UTF-8"?>\n'


def read(data: bytes | str) -> BatchFile:
    return read_batch(data.encode() if isinstance(data, str) else data, NAME, ACHIEVEMENTS)


def codes(batch: BatchFile) -> list[str]:
    return [reason.code for reason in batch.failures]


def detail(reason: Failure) -> dict[str, str]:
    return dict(reason.detail)


def one_record(inside: str) -> BatchFile:
    """A file whose one record holds this."""
    return read(xml_text([]).replace("</AchievementBatch>", f"<Achievement>{inside}</Achievement></AchievementBatch>"))


def record_reasons(inside: str) -> list[tuple[str, str, str]]:
    (entry,) = one_record(inside).records
    return [(reason.code, reason.field, detail(reason)["reason"]) for reason in entry.failures]


def test_a_valid_file_is_read_as_its_csv_twin_is() -> None:
    batch = read(xml_file(records(3)))
    twin = read_batch(csv_file(records(3)), FILENAME + ".csv", ACHIEVEMENTS)
    assert not batch.failures
    assert batch.header == twin.header
    assert [entry.values for entry in batch.records] == [entry.values for entry in twin.records]
    assert [entry.line for entry in batch.records] == [4, 5, 6]
    assert batch.format == "xml"


def test_elements_of_a_record_may_come_in_any_order_and_empty_ones_be_left_out() -> None:
    entry = {name: value for name, value in reversed(record(MISIdentifier="").items()) if value}
    batch = one_record(xml_elements(entry))
    assert not batch.failures
    assert batch.records[0].values == values(MISIdentifier="")


def test_white_space_comments_and_cdata_make_no_difference() -> None:
    inside = xml_elements(record()).replace("><", ">\n\t<!-- said aside -->\n<").replace("Mary", "<![CDATA[Mary]]>")
    inside = inside.replace("<ULN>", "<ULN>\n  ").replace("</ULN>", "\n</ULN>")
    batch = one_record(inside)
    assert batch.records[0].values == values()
    assert not batch.records[0].failures


def test_references_to_characters_are_read() -> None:
    batch = one_record("<FamilyName>O&apos;Neill &amp; S&#246;hne &lt;</FamilyName>")
    assert batch.records[0].values[2] == "O'Neill & Söhne <"


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252", "us-ascii"])
def test_declared_encodings_are_read(codec: str) -> None:
    name = "Sian" if codec == "us-ascii" else "Siân"
    declared = codec.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{declared}"?>\n' + xml_text([record(FamilyName=name)])
    batch = read(text.encode(codec))
    assert not batch.failures
    assert batch.records[0].values[2] == name


@pytest.mark.parametrize("declared", ["utf-7", "ebcdic-cp-us", "rot13", "shift_jis", "x" * 60])
def test_other_declared_encodings_are_refused(declared: str) -> None:
    (reason,) = read(f'<?xml version="1.0" encoding="{declared}"?>\n' + xml_text()).failures
    assert (reason.code, detail(reason)["hint"]) == ("ACB004", "declared")


ODD_ENCODINGS = ["Unicode", "koi8-r", "euc-jp", "hex", "unicode_escape", "x" * 80]


@pytest.mark.parametrize("declared", ODD_ENCODINGS)
@pytest.mark.parametrize(("codec", "space"), [("utf-8", ""), ("utf-8", " " * 300), ("utf-16", "")])
def test_another_encoding_is_refused_however_it_is_declared(codec: str, space: str, declared: str) -> None:
    text = f'<?xml version="1.0" {space}encoding="{declared}"?>\n' + xml_text()
    (reason,) = read(text.encode(codec)).failures
    assert (reason.code, detail(reason)["hint"]) == ("ACB004", "declared")


@pytest.mark.parametrize("declared", ["UTF-16", "UTF-16LE"])
def test_utf_16_is_read_without_a_byte_order_mark_if_it_is_declared(declared: str) -> None:
    entries = [record(), record(FamilyName="Siân")]
    batch = read(f'<?xml version="1.0" encoding="{declared}"?>\n{xml_text(entries)}'.encode("utf-16-le"))
    assert not batch.failures
    assert [one.values[2] for one in batch.records] == [record()["FamilyName"], "Siân"]


def test_bytes_that_are_not_utf_8_are_found() -> None:
    data = xml_file([record(), record(FamilyName="Siân")]).decode().encode("cp1252")
    batch = read(data)
    (reason,) = batch.failures
    line = data.decode("cp1252").split("\n")[4]
    assert (reason.code, reason.line, reason.column) == ("ACB004", 5, line.index("â") + 1)


def test_nul_and_control_characters_are_found() -> None:
    for odd in (b"\0", b"\x01", b"\x1f"):
        (reason,) = read(xml_file().replace(b"Pass", b"Pa" + odd + b"ss")).failures
        assert (reason.code, reason.line) == ("ACB005", 4)


# --- Entities and other attacks --------------------------------------------------------------------------------------

LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(12))


@pytest.mark.parametrize(
    "declaration",
    [
        "<!DOCTYPE AchievementBatch>",
        f"<!DOCTYPE AchievementBatch [{LAUGHS}]>",
        '<!DOCTYPE AchievementBatch SYSTEM "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE AchievementBatch [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE AchievementBatch [<!ENTITY % p SYSTEM "http://127.0.0.1:9/"> %p;]>',
    ],
)
@pytest.mark.req("SEC-03")
def test_a_document_type_is_refused_before_anything_of_it_is_read(declaration: str) -> None:
    text = PROLOGUE + declaration + xml_text().replace("Pass", "&l11;&x;")
    batch = read(text)
    (reason,) = batch.failures
    assert (reason.code, reason.line, detail(reason)["reason"]) == ("ACB011", 2, "document type")
    assert not batch.records


def test_an_undefined_entity_is_refused_at_its_place() -> None:
    (reason,) = read(xml_file().replace(b"Pass", b"Pa&nbsp;ss")).failures
    assert (reason.code, reason.line, detail(reason)["reason"]) == ("ACB011", 4, "entity")


def test_deep_nesting_ends_the_reading() -> None:
    deep = "<a>" * 100_000
    batch = one_record(deep)
    assert ("ACB012", "depth") in [(reason.code, detail(reason).get("reason")) for reason in batch.failures]
    assert DEEPEST < 100


def test_a_tag_of_megabytes_ends_the_reading() -> None:
    batch = read(xml_text().replace("<Achievement>", "<Achievement " + 'a="' + "x" * 3_000_000))
    assert codes(batch)[0] == "ACB018"


def test_a_cell_of_a_megabyte_affects_one_record_only() -> None:
    batch = read(xml_file([record(), record(Grade="x" * 1_000_000), record(Grade="&" * 300_000)]))
    assert not batch.failures
    assert [len(entry.values[9]) for entry in batch.records] == [4, 1_000_000, 300_000]


def test_many_attributes_are_never_all_held() -> None:
    data = xml_text().replace("<Achievement>", "<Achievement " + " ".join(f'a{n}=""' for n in range(400_000)) + ">")
    tracemalloc.start()
    batch = read(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert codes(batch)[0] == "ACB018"
    assert peak < 60_000_000


# --- Structure -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("AchievementBatch>", "Achievements>"), "root"),
        (("<AchievementBatch>", '<AchievementBatch xmlns="urn:x">'), "namespace"),
        (("AchievementBatch>", "a:AchievementBatch>"), "namespace"),
        (("<AchievementBatch>", '<AchievementBatch version="1">'), "attribute"),
        (("<Achievement>", "stray <Achievement>"), "text"),
        (("<UKPRN>10000055", "<UKPRN><b/>10000055"), "nested"),
        (("<UKPRN>", '<UKPRN kind="x">'), "attribute"),
    ],
)
def test_anything_that_does_not_belong_is_reported(change: tuple[str, str], reason: str) -> None:
    batch = read(xml_text().replace(*change))
    assert ("ACB012", reason) in [(found.code, detail(found).get("reason")) for found in batch.failures]


def test_the_attributes_of_a_schema_s_location_are_harmless() -> None:
    located = (
        '<AchievementBatch xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="x.xsd">'
    )
    assert not read(xml_text().replace("<AchievementBatch>", located)).failures


def test_missing_repeated_misspelt_and_late_header_elements_are_reported_at_once() -> None:
    text = xml_text().replace("<FileVersion>1A</FileVersion>", "").replace("UKPRN>10000055</UKPRN>", "UKPNR>1</UKPNR>")
    text = text.replace("<SubmissionType>", "<SubmissionType>FINAL</SubmissionType><SubmissionType>")
    text = text.replace("</AchievementBatch>", "<OrganisationRef>x</OrganisationRef></AchievementBatch>")
    text = text.replace("<OrganisationRef>A12345</OrganisationRef>", "")
    found = [(reason.code, reason.field) for reason in read(text).failures]
    assert sorted(found) == [
        ("ACB006", "FileVersion"),
        ("ACB006", "UKPRN"),
        ("ACB007", "SubmissionType"),
        ("ACB009", "OrganisationRef"),
        ("ACB012", "UKPRN"),
    ]


def test_an_unknown_element_beside_the_records_is_refused() -> None:
    batch = read(xml_text().replace("</AchievementBatch>", "<Achievment><ULN>1</ULN></Achievment></AchievementBatch>"))
    (reason, *_) = batch.failures
    assert (reason.code, reason.field) == ("ACB012", "Achievement")


@pytest.mark.parametrize(
    ("inside", "expected"),
    [
        ("<UNL>1</UNL>", ("ACF010", "ULN", "unknown")),
        ("<Zzyzx>1</Zzyzx>", ("ACF010", "", "unknown")),
        ("<UKPRN>1</UKPRN>", ("ACF010", "", "unknown")),
        ("<ULN>1</ULN><ULN>2</ULN>", ("ACF010", "ULN", "doubled")),
        ("<ULN>1<b>2</b></ULN>", ("ACF010", "ULN", "nested")),
        ("<ULN>1</ULN>stray", ("ACF010", "", "text")),
        ("stray<ULN>1</ULN>", ("ACF010", "", "text")),
        ('<ULN kind="x">1</ULN>', ("ACF010", "ULN", "attribute")),
    ],
)
def test_what_is_wrong_in_one_record_is_that_record_s_failure(inside: str, expected: tuple[str, str, str]) -> None:
    assert record_reasons(inside) == [expected]
    assert not one_record(inside).failures


def test_every_structural_fault_of_a_record_is_told_with_line_and_column() -> None:
    (entry,) = one_record("\n<UNL>1</UNL>\n  <Grade/><Grade/>\n<Grade><b/></Grade>").records
    first = one_record("").records[0].line
    assert [(reason.line - first, reason.column) for reason in entry.failures] == [(1, 1), (2, 11), (3, 1), (3, 8)]


def test_faults_of_one_record_do_not_affect_the_next() -> None:
    text = xml_file(records(3)).replace(b"<Grade>", b"<Grade><b/>", 1)
    assert [len(entry.failures) for entry in read(text).records] == [1, 0, 0]


def test_the_reasons_of_an_error_file_are_ignored() -> None:
    reported = "".join(f"<{name}>x</{name}>" for name in ACHIEVEMENTS.ignored)
    batch = read(xml_file(records(2)).replace(b"</Achievement>", f"{reported}</Achievement>".encode()))
    assert batch.records == read(xml_file(records(2))).records


@pytest.mark.parametrize(
    "change",
    [
        ("</ULN>", "</UNL>"),
        ("</AchievementBatch>", ""),
        ("<ULN>", "<ULN"),
        ("</AchievementBatch>", "</AchievementBatch><x/>"),
    ],
)
def test_what_is_not_well_formed_is_refused_at_its_place(change: tuple[str, str]) -> None:
    batch = read(xml_text().replace(*change))
    (reason,) = batch.failures
    assert reason.code == "ACB010"
    assert reason.line
    assert "RecordCount" not in batch.header


def test_a_file_without_records_is_refused() -> None:
    assert codes(read(xml_text([]))) == ["WSEC0047"]


def test_one_record_too_many_is_refused_with_the_count() -> None:
    batch = read(xml_file(records(10_001)))
    assert batch.failures == [failure("WSEC0046", limit=10_000, found=10_001)]
    assert len(batch.records) == 10_001


def test_reading_an_endless_file_of_records_stops() -> None:
    batch = read(xml_text([]).replace("</AchievementBatch>", "<Achievement/>" * 150_000 + "</AchievementBatch>"))
    assert detail(batch.failures[0])["found"] == "more than 100000"
    assert len(batch.records) == 100_000


def test_a_stream_gives_what_the_whole_file_gives() -> None:
    data = xml_file(records(1_000))
    assert list(iter_records(BytesIO(data), NAME, ACHIEVEMENTS)) == read(data).records


# --- Tokens that the parser puts off ---------------------------------------------------------------------------------

SWITCHABLE = hasattr(expat.ParserCreate(), "SetReparseDeferralEnabled")


def with_long_token(place: str, size: int) -> str:
    """A file of nine records with a comment or a tag of this size."""
    comment, text = f"<!-- {'x' * size} -->", xml_text(records(9))
    if place == "before the root":
        return comment + text
    if place == "tag of the root":
        return text.replace("<AchievementBatch>", f"<AchievementBatch{' ' * size}>")
    if place == "header":
        return text.replace("<SubmissionType>", comment + "<SubmissionType>")
    if place == "tag of a record":
        return text.replace("<Achievement>", f"<Achievement{' ' * size}>", 1)
    if place == "record":
        return text.replace("<ULN>", comment + "<ULN>", 1)
    at = text.rindex("<Achievement>") if place == "last record" else text.index("</AchievementBatch>")
    return text[:at] + comment + text[at:]


_WALK = "chalicelib.formats.batch.xml_walk"
SETTINGS = [
    pytest.param((f"{_WALK}.DEFERRAL", False), id="at once"),
    pytest.param((f"{_WALK}.DEFERRAL", True), id="put off", marks=pytest.mark.skipif(not SWITCHABLE, reason="no")),
    pytest.param((f"{_WALK}.SWITCH", "NoSuchSwitch"), id="without the switch"),
]
"""The parser's two ways, and that of a Python that cannot choose."""

PLACES = ("before the root", "tag of the root", "header", "tag of a record", "record", "last record", "after records")

OUTSIDE = PLACES[:4]
"""Up to the first record; among records that are read as plain ones, a long comment is skipped."""


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("size", [140_000, 190_000, 500_000, 600_000, 800_000, LONGEST_TAG - 100])
@pytest.mark.parametrize("place", PLACES)
def test_no_record_is_lost_behind_a_long_comment_or_tag(place, size, setting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*setting)
    batch = read(with_long_token(place, size))
    assert batch.failures == []
    assert [entry.values for entry in batch.records] == [entry.values for entry in read(xml_text(records(9))).records]


@pytest.mark.parametrize("setting", SETTINGS)
@pytest.mark.parametrize("place", PLACES)
def test_a_comment_or_tag_over_the_limit_has_the_same_answer_whatever_is_put_off(
    place, setting, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = with_long_token(place, 3 * LONGEST_TAG)
    at_once = read(text)
    monkeypatch.setattr(*setting)
    assert read(text) == at_once
    assert [reason.code for reason in at_once.failures] == (["ACB018"] if place in OUTSIDE else [])


@pytest.mark.parametrize("setting", SETTINGS)
@given(data=st.data())
def test_a_file_has_the_same_records_and_reasons_whatever_is_put_off(setting, data: st.DataObject) -> None:
    text = xml_text(records(3))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(text)))
        text = (
            text[:at]
            + data.draw(st.sampled_from([f"<!--{'x' * 3_000}-->", f"<b{' ' * 3_000}/>", "&", "<"]))
            + text[at:]
        )
    with pytest.MonkeyPatch.context() as changed:
        changed.setattr(*setting)
        whole = read(text)
        changed.setattr("chalicelib.formats.batch.files.CHUNK_BYTES", data.draw(st.integers(100, 1_500)))
        assert read(text) == whole


# --- Writing ---------------------------------------------------------------------------------------------------------

TEXT = st.text(alphabet=st.one_of(st.sampled_from("&<>'\"\r\n\t ]]>"), st.characters(codec="utf-8")))


@given(TEXT)
def test_what_is_written_is_well_formed_and_says_the_same(text: str) -> None:
    read_back = ET.fromstring(element("a", text)).text or ""
    legal = "".join("?" if (ord(c) < 32 and c not in "\t\n\r") or c in "\ufffe\uffff" else c for c in text)
    assert read_back == legal


def test_text_that_needs_no_escape_is_the_same_object() -> None:
    text = "plain text"
    assert escape(text) is text


# --- Anything --------------------------------------------------------------------------------------------------------


@given(st.binary(max_size=500))
def test_no_bytes_raise(data: bytes) -> None:
    assert read(data).failures
    assert read(b"<AchievementBatch>" + data).failures


@given(st.data())
def test_a_damaged_file_never_raises(data: st.DataObject) -> None:
    damaged = bytearray(xml_file(records(2)))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    for entry in read(bytes(damaged)).records:
        assert len(entry.values) == len(ACHIEVEMENTS.record)


TAGS = st.sampled_from([*ACHIEVEMENTS.names, "Achievement", "AchievementBatch", "x", "Zzyzx"])
TREE = st.recursive(
    st.builds("<{0}>{1}</{0}>".format, TAGS, st.sampled_from(["", "x", " ", "&amp;"])),
    lambda inner: st.builds("<{0}>{1}</{0}>".format, TAGS, st.lists(inner, max_size=5).map("".join)),
    max_leaves=20,
)


@given(st.lists(TREE, max_size=5).map("".join))
def test_no_tree_raises_and_every_wrong_one_is_reported(inside: str) -> None:
    batch = read(f"<AchievementBatch>{inside}</AchievementBatch>")
    assert batch.failures, "no header element is complete here"


# --- Plain records and the parser ------------------------------------------------------------------------------------

PIECES = st.one_of(
    st.sampled_from(
        [
            *(
                "",
                "\n",
                "\r\n",
                "\r",
                "  ",
                "x",
                "<!-- said aside -->",
                "<![CDATA[a]]>",
                "]]>",
                "&amp;",
                "&#39;",
                "&#xe9;",
                "&#0;",
            ),
            *(
                "&nbsp;",
                "&",
                "é",
                "\ufffe",
                "\x01",
                "<b/>",
                "<ULN>1</ULN>",
                "<ULN/>",
                "<Grade></Grade>",
                "<ErrorLine>3</ErrorLine>",
            ),
            *(
                "<Achievement>",
                "</Achievement>",
                "<Achievement/>",
                '<Grade a="1">x</Grade>',
                "<!DOCTYPE a>",
                "<?x y?>",
                " >",
            ),
            *("</AchievementBatch>", "<RecordCount>3</RecordCount>", "\n\n<Zzyzx>1</Zzyzx>\n"),
        ]
    ),
    st.integers(0, 2).map(lambda place: xml_elements(records(3)[place])),
)
"""What is put in somewhere."""


def same(data: bytes, patch: pytest.MonkeyPatch, piece: int) -> None:
    """Read in both ways, the plain one in pieces of a size."""
    with patch.context() as changed:
        changed.setattr("chalicelib.formats.batch.files.CHUNK_BYTES", piece)
        plain = read(data)
    with patch.context() as changed:
        changed.setattr("chalicelib.formats.batch.xml_walk.HANDOVERS", 0)
        parsed = read(data)
    assert plain == parsed


@given(st.data())
def test_plain_records_are_read_as_the_parser_reads_them(data: st.DataObject) -> None:
    gap, inner = data.draw(st.sampled_from([("\n", ""), ("", ""), ("\r\n  ", "\r\n    "), ("\n\n", "\n\t")]))
    text = gap.join(
        f"<Achievement>{inner.join(['', *xml_elements(entry).replace('><', '>§<').split('§')])}{inner}</Achievement>"
        for entry in records(4)
    )
    text = xml_text([]).replace("</AchievementBatch>", f"{gap}{text}{gap}</AchievementBatch>\n")
    for _ in range(data.draw(st.integers(0, 3))):
        at = data.draw(st.integers(text.index("<Achievement>"), len(text)))
        cut = data.draw(st.integers(0, 30))
        text = text[:at] + data.draw(PIECES) + text[at + (cut if cut < 15 else 0) :]
    with pytest.MonkeyPatch.context() as patch:
        same(text.encode(), patch, data.draw(st.integers(1, 700)))


@pytest.mark.parametrize("odd", ["<!-- x -->", "&#233;", "<Grade/>", "x", "\r", "<b/>", "]]>", "&nbsp;", "\x01"])
def test_content_that_is_not_plain_is_reported_with_its_place_in_the_file(
    odd: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = xml_file(records(900)).decode().replace("MIS-777<", f"MIS-777{odd}<")
    for piece in (100, 65_536):
        same(data.encode(), monkeypatch, piece)


def test_single_carriage_returns_between_elements_are_line_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    same(xml_file(records(9)).replace(b"</ULN><", b"</ULN>\r<"), monkeypatch, 65_536)


def test_a_file_that_is_never_plain_is_handed_over_a_limited_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [entry | {"Grade": "x"} for entry in records(500)]
    same(xml_file(entries).replace(b"<Grade>x", b"<Grade><!-- x -->x"), monkeypatch, 65_536)


def test_a_file_on_one_line_has_right_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    data = xml_text(records(300)).replace("\n", "").replace("MIS-299<", "MIS-299<b/><")
    same(data.encode(), monkeypatch, 1_000)
    (reason,) = read(data).records[298].failures
    assert data[reason.column - 1 :].startswith("<b/>")
