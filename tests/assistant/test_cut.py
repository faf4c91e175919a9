"""The cutter: chunks along the structure, of a size that fits the embedder, with exact offsets."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lumbre.assistant.cut import HEADING_LIMIT, LIMIT, TARGET, clean, cut, embedding_lead, estimate_tokens
from lumbre.core.documents import Block, BlockKind, Chunk, Extracted

Part = tuple[BlockKind, int, int | None, str]
"""Kind, level, page, text."""

SENTENCE = "La cocina de leña consume dos kilos por hora cuando el tiro está abierto. "


def document(*parts: Part, between: str = "\n\n") -> Extracted:
    """An extracted text of these blocks."""
    text, blocks = "", []
    for kind, level, page, content in parts:
        if text:
            text += between
        blocks.append(Block(len(text), len(text) + len(content), kind, level, page))
        text += content
    return Extracted(text, blocks, "text")


def paragraph(text: str, page: int | None = None) -> Part:
    return ("paragraph", 0, page, text)


def heading(text: str, level: int = 1, page: int | None = None) -> Part:
    return ("heading", level, page, text)


def test_neighbouring_paragraphs_merge_until_full() -> None:
    chunks = cut(document(*[paragraph(SENTENCE.strip())] * 40))
    sizes = [estimate_tokens(chunk.text) for chunk in chunks]
    assert len(chunks) > 2
    assert max(sizes) <= LIMIT
    assert min(sizes) > TARGET / 2


def test_no_chunk_crosses_a_heading_and_each_knows_its_path() -> None:
    chunks = cut(
        document(
            heading("Manual"),
            paragraph("Uno."),
            heading("Leña", 2),
            paragraph("Dos."),
            heading("Encina", 3),
            paragraph("Tres."),
            heading("Humo", 2),
            paragraph("Cuatro."),
        )
    )
    assert [(chunk.heading, chunk.text) for chunk in chunks] == [
        ("Manual", "Uno."),
        ("Manual › Leña", "Dos."),
        ("Manual › Leña › Encina", "Tres."),
        ("Manual › Humo", "Cuatro."),
    ]


def test_no_chunk_crosses_a_page() -> None:
    chunks = cut(document(paragraph("Uno.", 1), paragraph("Dos.", 1), paragraph("Tres.", 2)))
    assert [(chunk.page, chunk.text) for chunk in chunks] == [(1, "Uno.\n\nDos."), (2, "Tres.")]


def test_a_heading_with_nothing_under_it_is_still_found() -> None:
    chunks = cut(document(heading("Manual de la lumbre"), heading("Leña"), paragraph("Dos."), heading("Anexo vacío")))
    assert [(chunk.heading, chunk.text) for chunk in chunks] == [
        ("", "Manual de la lumbre"),
        ("Leña", "Dos."),
        ("", "Anexo vacío"),
    ]


def test_a_long_paragraph_is_divided_at_sentence_ends_evenly() -> None:
    chunks = cut(document(paragraph((SENTENCE * 30).strip())))
    assert all(chunk.text.startswith("La cocina") and chunk.text.endswith("abierto.") for chunk in chunks)
    sizes = [len(chunk.text) for chunk in chunks]
    assert max(sizes) < 1.4 * min(sizes)


def test_code_is_whole_when_it_fits_and_divided_at_lines_when_not() -> None:
    short = cut(document(("code", 0, None, "if a:\n    b()\n\n    c()")))
    assert [chunk.text for chunk in short] == ["if a:\n    b()\n\n    c()"]
    lines = [f"variable_{n} = funcion({n})" for n in range(200)]
    chunks = cut(document(("code", 0, None, "\n".join(lines))))
    assert [line for chunk in chunks for line in chunk.text.split("\n")] == lines


def test_rows_stay_whole() -> None:
    rows = [f"Encina {n} | alto | 18 % | dos veranos de secado al aire libre" for n in range(60)]
    chunks = cut(document(*[("row", 0, None, row) for row in rows], between="\n"))
    assert [line for chunk in chunks for line in chunk.text.split("\n")] == rows


def test_what_is_left_out_stays_out() -> None:
    text = "Uno.\n17\nDos."
    blocks = [Block(0, 4, page=1), Block(8, 12, page=1)]
    assert [chunk.text for chunk in cut(Extracted(text, blocks, "pdf"))] == ["Uno.", "Dos."]


def test_contents_and_bare_numbers_are_dropped() -> None:
    contents = "1. Leña ........ 3\n2. Humo . . . . . . 17\n3. Fuego ...... iv"
    assert [chunk.text for chunk in cut(document(paragraph(contents), heading("Leña"), paragraph("7")))] == []
    assert cut(document(paragraph("Y entonces...... calló.")))


def test_endless_words_are_sliced() -> None:
    chunks = cut(document(paragraph("QUJD" * 5000)))
    assert "".join(chunk.text for chunk in chunks) == "QUJD" * 5000
    assert all(estimate_tokens(chunk.text) <= LIMIT for chunk in chunks)


def test_clean_leaves_nothing_that_is_not_seen() -> None:
    unseen = [
        0x34F,
        0x61C,
        0x115F,
        0x180E,
        0x200B,
        0x200D,
        0x202E,
        0x2060,
        0x2066,
        0x206A,
        0x3164,
        0xFE0F,
        0xFEFF,
        0xFFA0,
    ]
    unseen += [0xFFF9, 0x1D173, *range(0xE0001, 0xE0080), *range(0xE0100, 0xE01F0)]
    assert clean("a" + "".join(map(chr, unseen)) + "b") == "ab"


def test_clean_undoes_the_layout() -> None:
    assert (
        clean("  la reali\u00ad\nzación del\n  tiro\u200b y la com\u00adbustión ")
        == "la realización del tiro y la combustión"
    )


def test_what_is_embedded_names_its_place() -> None:
    assert embedding_lead(Chunk(0, 5, "dos", "Manual › Leña"), "Título") == "Manual › Leña. "
    assert embedding_lead(Chunk(0, 5, "dos"), "Un\ntítulo") == "Un título. "
    assert embedding_lead(Chunk(0, 5, "dos"), "") == ""


def test_very_long_headings_keep_the_innermost() -> None:
    chunks = cut(document(heading("A" * 150), heading("B" * 150, 2), heading("C" * 500, 3), paragraph("x y")))
    assert chunks[-1].heading == "C" * HEADING_LIMIT


WORDS = st.text(alphabet="ab. \n|é1#漢-?A", min_size=1, max_size=400)
PARTS = st.lists(
    st.tuples(
        st.sampled_from(["heading", "paragraph", "list", "row", "code", "caption"]),
        st.integers(1, 6),
        st.sampled_from([1, 1, 2, None]),
        st.one_of(WORDS, st.integers(1, 40).map(lambda n: SENTENCE * n), st.integers(1, 3000).map("x".__mul__)),
    ),
    max_size=12,
)


@given(PARTS, st.sampled_from(["\n\n", "\n", " 99 \n"]))
def test_chunks_are_exact_ordered_bounded_and_lose_no_word(parts: list[Part], between: str) -> None:
    extracted = document(*parts, between=between)
    chunks = cut(extracted)
    for chunk in chunks:
        assert chunk.text == extracted.text[chunk.start : chunk.end]
        assert chunk.text == chunk.text.strip() != ""
        assert estimate_tokens(chunk.text) <= LIMIT * 1.05
        assert len(chunk.heading) <= HEADING_LIMIT
    assert all(one.end <= other.start for one, other in pairwise(chunks))
    covered = {place for chunk in chunks for place in range(chunk.start, chunk.end)}
    for block in extracted.blocks:
        letters = sum(map(str.isalnum, extracted.text[block.start : block.end]))
        if block.kind != "heading" and letters > 1 and len(extracted.blocks) == 1:
            inside = range(block.start, block.end)
            assert all(place in covered for place in inside if extracted.text[place].isalnum())
