"""An answer as rich text: what the model writes stays text, what supports it becomes a link."""

from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextCharFormat, QTextDocument
from scripted import ANSWER, sentences

from lumbre.core.chat import Citation, Sentence
from lumbre.frontends.gui import theme
from lumbre.frontends.gui.markdown import mark_doubts, render
from lumbre.frontends.gui.rich_text import RichText


def shown(text, marks=()):
    made = render(text, list(marks), theme.read("light"), "Copy")
    document = QTextDocument()
    document.setHtml(made.html)
    mark_doubts(document, "No support")
    return document, made


def formats(document):
    """Each run of text with its format."""
    block, found = document.begin(), []
    while block.isValid():
        iterator = block.begin()
        while not iterator.atEnd():
            fragment = iterator.fragment()
            found.append((fragment.text(), fragment.charFormat()))
            iterator += 1
        block = block.next()
    return found


def test_citations_stand_at_the_end_of_their_sentences(qapp):
    document, _ = shown(ANSWER, sentences())
    links = [(text.strip("\xa0 "), form.anchorHref()) for text, form in formats(document) if form.isAnchor()]
    second = ANSWER.index("Cada")
    assert links == [("1", "cite:1:0"), ("2", f"cite:2:{second}"), ("1", f"cite:1:{second}")]
    assert "sede. 1 Cada viernes" in document.toPlainText()


def test_an_unsupported_sentence_is_underlined_with_dots(qapp):
    document, _ = shown(ANSWER, sentences())
    dotted = [
        (text, form.toolTip())
        for text, form in formats(document)
        if form.underlineStyle() == QTextCharFormat.UnderlineStyle.DotLine
    ]
    assert dotted == [("También se envían por correo los lunes.", "No support")]


def test_a_sentence_that_claims_nothing_is_left_alone(qapp):
    document, _ = shown("Hello.", [Sentence(0, 6, "Hello.", [], claims=False)])
    assert [form.underlineStyle() for _, form in formats(document)] == [QTextCharFormat.UnderlineStyle.NoUnderline]


def test_marks_leave_no_trace_in_the_text(qapp):
    document, _ = shown(
        "- **First** point.\n- Second.", [Sentence(0, 18, "", []), Sentence(19, 28, "", [Citation(1, 0, 3)])]
    )
    assert not [letter for letter in document.toPlainText() if "\ue000" <= letter <= "\uf8ff"]
    assert "First point." in document.toPlainText()


def test_html_of_the_model_stays_text(qapp):
    document, _ = shown('<img src="file:///etc/passwd"><b>bold</b> <script>x</script>')
    assert "<b>bold</b>" in document.toPlainText()


def test_private_letters_of_the_model_cannot_forge_citations(qapp):
    document, _ = shown("x\ue0001:0|1\ue001y")
    assert not any(form.isAnchor() for _, form in formats(document))


def test_pictures_are_never_loaded(qtbot):
    view = RichText("Answer")
    qtbot.addWidget(view)
    view.setHtml('<img src="http://127.0.0.1:9/x.png"><img src="file:///etc/hostname">')
    view.show()
    assert view.loadResource(2, QUrl("http://127.0.0.1:9/x.png")).width() == 1


def test_code_is_set_apart_and_can_be_copied(qapp):
    document, made = shown("Look:\n\n```python\nprint('hola')  # saludo\n```\n")
    assert made.codes == ["print('hola')  # saludo\n"]
    assert "copy:0" in [form.anchorHref() for _, form in formats(document)]
    comment = next(form for text, form in formats(document) if "saludo" in text)
    assert comment.foreground().color().name() == theme.read("light").colour("muted").name()


def test_code_in_an_unknown_language_is_plain(qapp):
    document, _ = shown("```nosuch\na < b\n```")
    assert "a < b" in document.toPlainText()


def test_a_citation_inside_code_is_left_out(qapp):
    text = "```\na = 1. b\n```"
    _, made = shown(text, [Sentence(4, 10, "a = 1.", [Citation(1, 0, 2)]), Sentence(11, 12, "b", [])])
    assert made.codes == ["a = 1. b\n"]
