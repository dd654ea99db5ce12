"""Files of every kind, well-formed and hostile: documents, or a typed failure."""

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gaseol.tools import Call, Pool, Refuse
from gaseol.tools.corpus import read_pdf, read_text_file
from gaseol.tools.corpus.bibliography import bibtex, ris
from gaseol.tools.corpus.document import PASSAGE, passages
from gaseol.traces.nouns.failure import FailureKind

JATS = """<?xml version="1.0"?>
<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) v1.2//EN" "JATS-archivearticle1.dtd">
<article xmlns:xlink="http://www.w3.org/1999/xlink"><front><journal-meta><journal-title-group>
<journal-title>Journal of Examples</journal-title></journal-title-group></journal-meta><article-meta>
<article-id pub-id-type="doi">10.5555/ABC</article-id><title-group><article-title>Water and <italic>ethanol</italic>
</article-title></title-group><contrib-group><contrib contrib-type="author"><name><surname>Kim</surname>
<given-names>Mina</given-names></name></contrib></contrib-group><pub-date><year>2020</year></pub-date>
<abstract><p>Ethanol binds water.</p></abstract></article-meta></front>
<body><sec><title>One</title><p>CO<sub>2</sub> is a gas.</p></sec></body></article>"""
BIB = r"""
@string{jex = "Journal"}
@article{kim2020, title = {Water {and} \emph{Ethanol}}, author = "Kim, Mina and Novak, Jan", year = 2020,
  journal = {J. Ex.}, doi = {https://doi.org/10.5555/ABC}, abstract = {Nested {braces} here.}}
@article{broken, author = {Nobody}}
@misc{open, title = {Never closed
"""
RIS = """TY  - JOUR
TI  - 수소의 저장
AU  - 김미나
AU  - 이서
PY  - 2019/05/01
JO  - 예제학회지
DO  - 10.5555/ko.1
AB  - 수소를 저장하였다.
ER  -
TY  - JOUR
AU  - Nobody
ER  -
"""


def read(tmp_path: Path, name: str, content: str | bytes, start: int = 0):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_text_file(str(path), start)


def refused(tmp_path: Path, name: str, content: str | bytes) -> FailureKind:
    with pytest.raises(Refuse) as raised:
        read(tmp_path, name, content)
    assert name in raised.value.reason
    return raised.value.kind


def test_jats(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "a.xml", JATS).documents
    assert (found.title, found.authors, found.year) == ("Water and ethanol", "Mina Kim", 2020)
    assert (found.doi, found.venue, found.kind) == ("10.5555/abc", "Journal of Examples", "jats")
    assert found.passages[0].text == "Ethanol binds water. CO2 is a gas."


def test_other_xml_is_its_text(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "a.xml", "<r><a>one</a><b>two</b></r>").documents
    assert found.passages[0].text == "one two"


def test_html_without_its_scripts(tmp_path: Path) -> None:
    page = (
        "<html><head><title>T &amp; U</title><style>p{}</style></head><body><p>one<p>two<script>"
        "alert('no')</script><!-- no --><b>th</b>ree<svg><text>no</text></svg></body></html>"
    )
    (found,) = read(tmp_path, "a.html", page).documents
    assert (found.title, found.passages[0].text) == ("T & U", "one twothree")


def test_markdown_is_titled_by_its_heading(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "a.md", "# Water\n\nIt is wet.\n").documents
    assert (found.title, found.kind) == ("Water", "markdown")
    (found,) = read(
        tmp_path, "b.md", "---\ntitle: 'Given'\ndoi: 10.5555/X\n---\n# Water\n"
    ).documents
    assert (found.title, found.doi) == ("Given", "10.5555/x")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
def test_korean_in_its_encodings(tmp_path: Path, encoding: str) -> None:
    (found,) = read(tmp_path, "a.txt", "수소를 저장하였다.".encode(encoding)).documents
    assert found.passages[0].text == "수소를 저장하였다."


def test_bibtex(tmp_path: Path) -> None:
    reading = read(tmp_path, "a.bib", BIB)
    (found,) = reading.documents
    assert found.title == "Water and Ethanol"
    assert found.authors == "Kim, Mina; Novak, Jan"
    assert (found.year, found.venue, found.doi) == (2020, "J. Ex.", "10.5555/abc")
    assert "Nested braces here." in found.passages[0].text
    assert reading.skipped == 2


def test_ris(tmp_path: Path) -> None:
    reading = read(tmp_path, "a.ris", RIS)
    (found,) = reading.documents
    assert (found.title, found.authors, found.year) == ("수소의 저장", "김미나; 이서", 2019)
    assert (found.doi, reading.skipped) == ("10.5555/ko.1", 1)


def test_tables(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "a.csv", "제목,초록,연도\n수소,저장,2020\n").documents
    assert (found.title, found.year, found.passages[0].text) == ("수소", 2020, "수소 저장")
    (found,) = read(tmp_path, "a.tsv", "Title\tAbstract\nA\tB, c\n").documents
    assert found.passages[0].text == "A B, c"


def test_a_snapshot_of_openalex_in_pieces(tmp_path: Path) -> None:
    lines = [
        json.dumps({"id": f"https://openalex.org/W{n}", "title": f"Work {n}", "authorships": [],
                    "doi": f"https://doi.org/10.5555/{n}", "abstract_inverted_index": {"b": [1], "a": [0]}})
        for n in range(4500)
    ]  # fmt: skip
    broken = ["{broken", json.dumps({"id": "W" * 600, "title": "x", "authorships": 5})]
    content = gzip.compress("\n".join([*lines, *broken]).encode())
    start, found, skipped = 0, [], 0
    while True:
        reading = read(tmp_path, "part.gz", content, start)
        found += reading.documents
        skipped += reading.skipped
        if not reading.next:
            break
        start = reading.next
    assert [one.title for one in found] == [f"Work {n}" for n in range(4500)]
    assert found[7].doi == "10.5555/7"
    assert found[7].passages[0].text == "Work 7 a b"
    assert skipped == 2


def test_a_long_text_is_cut_where_it_can_be() -> None:
    text = "\n\n".join(["word " * 100, "x" * 3000, "Sentence one. " * 200, "수소이다. " * 400])
    found = passages(text, 3)
    assert all(0 < len(one.text) <= PASSAGE and one.page == 3 for one in found)
    assert "".join("".join(p.text.split()) for p in found) == "".join(text.split())


@given(st.text(max_size=4000))
def test_no_letter_is_lost_in_passages(text: str) -> None:
    found = passages(text)
    assert "".join("".join(p.text.split()) for p in found) == "".join(text.split())


LAUGHS = "<!DOCTYPE l [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><l>&b;</l>"
HOSTILE = [
    ("laughs.xml", LAUGHS, FailureKind.WRONG_SHAPE),
    ("outside.xml", "<!DOCTYPE l [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><l>&a;</l>", FailureKind.WRONG_SHAPE),
    ("cut.xml", JATS[:600], FailureKind.WRONG_SHAPE),
    ("empty.xml", "<a/>", FailureKind.EMPTY),
    ("empty.txt", "", FailureKind.EMPTY),
    ("blank.md", " \n\n ", FailureKind.EMPTY),
    ("binary.txt", bytes(range(256)) * 8, FailureKind.WRONG_SHAPE),
    ("nul.txt", "a\0b", FailureKind.WRONG_SHAPE),
    ("broken.txt", b"\xff\xfea", FailureKind.WRONG_SHAPE),
    ("none.bib", "% nothing", FailureKind.EMPTY),
    ("open.bib", "@a{" * 500, FailureKind.WRONG_SHAPE),
    ("none.ris", "hello", FailureKind.EMPTY),
    ("none.jsonl", "[1]\nnull\n3\n", FailureKind.WRONG_SHAPE),
    ("deep.jsonl", "[" * 100_000, FailureKind.WRONG_SHAPE),
    ("line.jsonl", b'{"a":"' + b"x" * (5 << 20), FailureKind.TOO_LARGE),
    ("bomb.jsonl.gz", gzip.compress(b"x" * (64 << 20)), FailureKind.TOO_LARGE),
    ("cut.jsonl.gz", gzip.compress(b'{"title": "a"}\n' * 1000)[:40], FailureKind.UNAVAILABLE),
    ("no.jsonl.gz", b"no gzip", FailureKind.UNAVAILABLE),
    ("columns.csv", "a,b\n1,2\n", FailureKind.WRONG_SHAPE),
    ("quote.csv", 'title\n"' + "x" * (5 << 20), FailureKind.WRONG_SHAPE),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "kind"), HOSTILE, ids=[row[0] for row in HOSTILE])
def test_a_hostile_file_is_a_typed_failure(tmp_path: Path, name, content, kind) -> None:
    assert refused(tmp_path, name, content) is kind


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("no.md", "no.jsonl"):
        with pytest.raises(Refuse) as raised:
            read_text_file(str(tmp_path / name))
        assert raised.value.kind is FailureKind.UNAVAILABLE


def test_deep_markup_ends(tmp_path: Path, pool: Pool) -> None:
    for name, content in (
        ("deep.xml", "<a>" * 50_000 + "x" + "</a>" * 50_000),
        ("deep.html", "<div><p>" * 50_000 + "x"),
        ("deep.bib", "@a{b, title = " + "{" * 60_000),
    ):
        path = tmp_path / name
        path.write_text(content)
        answer = pool.submit(Call(tool="read_text_file", arguments={"path": str(path)})).result()
        assert answer.failure is None or answer.failure.kind in (
            FailureKind.WRONG_SHAPE, FailureKind.CRASHED, FailureKind.EMPTY,
        ), answer.failure  # fmt: skip


def pdf(*texts: str, password: str = "") -> bytes:
    """Return a PDF with a line of text on each page."""
    from pypdf import PdfWriter
    from pypdf.generic import (
        DecodedStreamObject,
        DictionaryObject,
        NameObject,
    )  # fmt: skip

    writer = PdfWriter()
    for text in texts:
        page = writer.add_blank_page(300, 300)
        font = DictionaryObject({
            NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        })  # fmt: skip
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 10 100 Td ({text}) Tj ET".encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    held = io.BytesIO()
    writer.write(held)
    return held.getvalue()


def test_a_pdf_page_by_page(tmp_path: Path) -> None:
    pytest.importorskip("pypdf", reason="extra search: pypdf")
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("Ethanol binds water", "Hexane does not"))
    (found,) = read_pdf(str(path)).documents
    assert [(one.page, one.text) for one in found.passages] == [
        (1, "Ethanol binds water"), (2, "Hexane does not"),
    ]  # fmt: skip
    assert found.title == "a"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (lambda: pdf("secret", password="xyz"), FailureKind.OUT_OF_DOMAIN),
        (lambda: pdf("a")[:200], FailureKind.WRONG_SHAPE),
        (lambda: b"%PDF-1.7\n" + b"\0" * 1000, FailureKind.WRONG_SHAPE),
        (lambda: b"PK\x03\x04 no pdf", FailureKind.WRONG_SHAPE),
        (lambda: pdf(""), FailureKind.EMPTY),
    ],
    ids=["encrypted", "cut", "zeros", "no pdf", "without text"],
)
def test_a_hostile_pdf_is_a_typed_failure(tmp_path: Path, content, kind: FailureKind) -> None:
    pytest.importorskip("pypdf", reason="extra search: pypdf")
    path = tmp_path / "a.pdf"
    path.write_bytes(content())
    with pytest.raises(Refuse) as raised:
        read_pdf(str(path))
    assert raised.value.kind is kind, raised.value


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.text(alphabet='@{}(),="\\ab \nTIAUER-  0019', max_size=300))
def test_any_bibliography_is_read_or_passed_over(text: str) -> None:
    for reader in (bibtex, ris):
        for one in reader(text):
            assert one is None or one.title


def test_a_name_with_a_zero_byte_names_no_file() -> None:
    for read in (read_text_file, read_pdf):
        with pytest.raises(Refuse) as stop:
            read(Path("a\0b"))
        assert stop.value.kind is FailureKind.BAD_ARGUMENTS
