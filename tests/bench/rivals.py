"""The peers' environments (installed once in --work) and what their default pipelines find for our questions."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Sequence
from pathlib import Path

from corpora import Corpus, Place

APP = Path(__file__).resolve().parents[2] / "app"
SEARCHING = [
    "langchain-community", "langchain-text-splitters", "faiss-cpu", "llama-index-core", "llama-index-readers-file",
    "pypdf", "beautifulsoup4", "lxml", "docx2txt", "psutil", "onnxruntime", "tokenizers", "msgspec", "numpy",
]  # fmt: skip
INDEXING = [*SEARCHING, "torch==2.13.0", "sentence-transformers>=6.2"]


def python_with(folder: Path, packages: Sequence[str]) -> Path:
    """The Python of an environment with these packages, made or completed when it lacks some of them."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / "installed"
    present = mark.read_text("utf-8").splitlines() if mark.exists() else []
    if missing := [package for package in packages if package not in present]:
        print(f"installing into {folder.name} (once): {' '.join(missing)}", flush=True)
        if not python.exists():
            venv.create(folder, with_pip=True)
        subprocess.check_call([str(python), "-m", "pip", "install", "--quiet", *missing])
        mark.write_text("\n".join([*present, *missing]), "utf-8")
    return python


def search(
    work: Path, chain: str, corpus: Corpus, asked: Sequence[tuple[str, str | None]], models: Path
) -> dict[tuple[str, str | None], list[Place]]:
    """What "langchain" or "llamaindex" finds for each question in its scope, over the same files."""
    folder = work / "documents" / corpus.name
    _write(folder, corpus)
    scopes = dict.fromkeys(scope for _, scope in asked)
    job = {
        "chain": chain,
        "folder": str(folder),
        "models": str(models.resolve()),
        "vectors": str(work / "vectors.db"),
        "top": corpus.top,
        "sets": [[it.path for it in corpus.documents if scope is None or scope in it.scopes] for scope in scopes],
        "questions": [[question, list(scopes).index(scope)] for question, scope in asked],
        "out": str(work / f"found-{chain}-{corpus.name}.json"),
    }
    (work / "job.json").write_text(json.dumps(job), "utf-8")
    # Their own environment, and nothing that could reach out: no keys, no hub, no telemetry.
    quiet = {"PYTHONPATH": str(APP), "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "1", "PYTHONWARNINGS": "ignore"}
    python = python_with(work / "search", SEARCHING)
    script = Path(__file__).with_name("rival_search.py")
    subprocess.check_call([str(python), str(script), str(work / "job.json")], env=os.environ | quiet, stdout=sys.stdout)
    found = json.loads(Path(job["out"]).read_text("utf-8"))  # type: ignore[arg-type]
    return {each: [Place(*place) for place in places] for each, places in zip(asked, found, strict=True)}


def _write(folder: Path, corpus: Corpus) -> None:
    """The corpus as files, once."""
    if (folder / "whole").exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    for document in corpus.documents:
        target = folder / document.path[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        if document.file is not None:
            shutil.copyfile(document.file, target)
        else:
            target.write_text(document.extracted.text, "utf-8", newline="")
    (folder / "whole").touch()
