"""What people have filled into the fields of a PDF form: the engine's text of a page does not hold it."""

from __future__ import annotations

import ctypes
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage

_FIELD_LENGTH = 20_000
_MOST = 5_000
"""Fields of a page that are read."""


def begin(document: PdfDocument) -> bool:
    """Make the fields of a document readable; False when it has none. To be called before pages are loaded."""
    import pypdfium2.raw as pdfium

    if document.get_formtype() == pdfium.FORMTYPE_NONE:
        return False
    document.init_forms()
    return document.formenv is not None


def fields(document: PdfDocument, page: PdfPage) -> list[str]:
    """The filled fields of a page as "name: value"; a ticked box as its name alone."""
    import pypdfium2.raw as pdfium

    found: list[str] = []
    for index in range(min(_MOST, pdfium.FPDFPage_GetAnnotCount(page))):
        annotation = pdfium.FPDFPage_GetAnnot(page, index)
        if not annotation:
            continue
        if pdfium.FPDFAnnot_GetSubtype(annotation) == pdfium.FPDF_ANNOT_WIDGET:
            shown = _field(document.formenv, annotation)
            if shown and shown not in found:
                found.append(shown)
        pdfium.FPDFPage_CloseAnnot(annotation)
    return found


def _field(form: Any, annotation: Any) -> str:
    """A field as a line; empty when nothing is in it."""
    import pypdfium2.raw as pdfium

    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    name = _text(pdfium.FPDFAnnot_GetFormFieldAlternateName, form, annotation) or _text(
        pdfium.FPDFAnnot_GetFormFieldName, form, annotation
    )
    if kind == pdfium.FPDF_FORMFIELD_CHECKBOX:
        return name if pdfium.FPDFAnnot_IsChecked(form, annotation) else ""
    if kind in (pdfium.FPDF_FORMFIELD_PUSHBUTTON, pdfium.FPDF_FORMFIELD_SIGNATURE):
        return ""
    value = _text(pdfium.FPDFAnnot_GetFormFieldValue, form, annotation)
    if not value or (kind == pdfium.FPDF_FORMFIELD_RADIOBUTTON and value == "Off"):
        return ""
    return f"{name.rstrip(':')}: {value}" if name else value


def _text(get: Any, form: Any, annotation: Any) -> str:
    """A text of a field on one line, as the engine gives it in UTF-16."""
    size = min(_FIELD_LENGTH, get(form, annotation, None, 0))
    if size < 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    import pypdfium2.raw as pdfium

    get(form, annotation, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), size)
    return " ".join(buffer.raw[: size - size % 2].decode("utf-16-le", "replace").rstrip("\0").split())
