"""A small library with known answers on known pages, in both languages and in every format."""

from __future__ import annotations

from pathlib import Path

import pytest

_PDF_PAGES = (
    "Manual of the Aurora boiler. This guide explains how the boiler is installed and kept in good order. "
    "Read it before the first start and keep it near the boiler.",
    "Safety valve. The safety valve opens at a pressure of 3 bar and must be checked every six months. "
    "Never cover the outlet of the valve, because hot water may come out of it.",
    "Warranty. The warranty of the boiler covers five years for the heat exchanger and two years for the pump. "
    "Keep the invoice, since it proves the date of the purchase.",
)
_MARKDOWN = """# Estatutos de la cooperativa

## Cuotas

La cuota anual de cada socio es de 48 euros y se paga antes del 31 de marzo. Quien no pague en ese plazo pierde el
derecho de voto hasta ponerse al día.

## Asambleas

La asamblea general se reúne dos veces al año, en mayo y en noviembre. La convoca la presidenta con quince días de
antelación, y sus acuerdos se toman por mayoría simple de los asistentes.
"""
_HTML = """<!doctype html><html lang="en"><head><title>Bird notes</title><style>p { color: black }</style></head><body>
<nav>Home</nav><h1>Birds of the valley</h1><h2>The bearded vulture</h2>
<p>The bearded vulture feeds almost only on bones, which it drops from a great height onto rocks to break them.</p>
<h2>The dipper</h2><p>The dipper walks under water along the bed of the stream to find larvae of insects.</p>
</body></html>"""


def write_pdf(path: Path, pages: tuple[str, ...]) -> None:
    """A plain PDF with one page for each text."""
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", ""]
    kids = []
    for text in pages:
        words, lines = text.split(), [""]
        for word in words:
            if len(lines[-1]) > 70:
                lines.append("")
            lines[-1] += word + " "
        body = "BT /F1 12 Tf 60 760 Td 16 TL\n" + "\n".join(f"({line.strip()}) Tj T*" for line in lines) + "\nET"
        kids.append(f"{len(objects) + 1} 0 R")
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents "
            f"{len(objects) + 2} 0 R /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 "
            "/BaseFont /Helvetica >> >> >> >>"
        )
        objects.append(f"<< /Length {len(body)} >>\nstream\n{body}\nendstream")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(pages)} >>"
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    trailer = f"trailer << /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    path.write_bytes(out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode())


def write_docx(path: Path) -> None:
    """A Word document with headings and a table."""
    import docx

    document = docx.Document()
    document.add_heading("Recetario de la abuela", 1)
    document.add_heading("Pisto", 2)
    document.add_paragraph(
        "El pisto se cocina a fuego lento durante cuarenta minutos, con calabacín, pimiento, tomate y cebolla."
    )
    document.add_heading("Arroz con leche", 2)
    document.add_paragraph("El arroz con leche lleva una rama de canela y la piel de un limón sin la parte blanca.")
    document.save(str(path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Four documents in two languages and four formats, in a folder whose name has a space and an ñ."""
    made = tmp_path / "mis papeles de España"
    made.mkdir()
    write_pdf(made / "boiler manual.pdf", _PDF_PAGES)
    (made / "estatutos.md").write_text(_MARKDOWN, "utf-8")
    (made / "birds.html").write_text(_HTML, "utf-8")
    write_docx(made / "recetas año.docx")
    return made
