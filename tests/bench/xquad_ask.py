"""Ask XQuAD questions through the whole program: answers that hold the gold words, and that cite the gold paragraph.

Each paragraph of each language is a file of one library. A line of JSON for each question goes to --out; a run that was
stopped goes on from there.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lumbre.assistant.assistant import Assistant
from lumbre.core.chat import Answer
from lumbre.core.language import fold
from lumbre.core.paths import Home
from lumbre.wiring import open_assistant

ROOT = Path(__file__).resolve().parents[2]
_PASSPHRASE = "only for this run"


def main() -> int:
    """Index the paragraphs, ask, and print the shares by language and model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "xquad")
    parser.add_argument("--work", type=Path, required=True, help="folder for the library, kept between runs")
    parser.add_argument("--out", type=Path, help="file of results (default: answers.jsonl in --work)")
    parser.add_argument("--model", action="append", help="may be repeated (default: the 0.5B and the 1.5B)")
    parser.add_argument("--questions", type=int, default=100, help="questions per language")
    parser.add_argument("--language", action="append", choices=["es", "en"])
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    out = options.out or options.work / "answers.jsonl"
    options.work.mkdir(parents=True, exist_ok=True)
    assistant = open_assistant(Home(options.work / "home"), lambda _: _PASSPHRASE)
    try:
        gold = {language: list(_questions(options.data, language)) for language in ("es", "en")}
        _index(assistant, options.work, gold)
        for model in options.model or ["qwen2.5-coder-0.5b", "qwen2.5-coder-1.5b"]:
            for language in options.language or ["es", "en"]:
                chosen = random.Random(options.seed).sample(gold[language], options.questions)
                _ask_all(assistant, model, language, chosen, out)
    finally:
        assistant.close()
    _report(out)
    return 0


def _questions(data: Path, language: str) -> Iterator[dict[str, Any]]:
    """Question, gold answers and file name of the gold paragraph."""
    articles = json.loads((data / f"xquad.{language}.json").read_text("utf-8"))["data"]
    paragraphs = [paragraph for article in articles for paragraph in article["paragraphs"]]
    for number, paragraph in enumerate(paragraphs):
        for each in paragraph["qas"]:
            yield {
                "id": each["id"],
                "question": each["question"],
                "answers": [answer["text"] for answer in each["answers"]],
                "file": f"{language}{number:03}.txt",
                "text": paragraph["context"].lstrip("\ufeff"),
            }


def _index(assistant: Assistant, work: Path, gold: dict[str, list[dict[str, Any]]]) -> None:
    documents = work / "documents"
    documents.mkdir(exist_ok=True)
    for questions in gold.values():
        for each in questions:
            path = documents / each["file"]
            if not path.exists():
                path.write_text(each["text"] + "\n", "utf-8")
    counts = assistant.add([documents]).result()
    print(f"{counts.done} of {counts.files} paragraphs in the index", flush=True)


def _ask_all(assistant: Assistant, model: str, language: str, chosen: list[dict[str, Any]], out: Path) -> None:
    known = {(line["model"], line["id"], line["language"]) for line in _lines(out)}
    for number, each in enumerate(chosen, 1):
        if (model, each["id"], language) in known:
            continue
        begun = time.monotonic()
        answer = assistant.ask(each["question"], model=model).result()
        assistant.delete_conversation(answer.conversation_id)
        line = {"model": model, "language": language, "id": each["id"], **_judged(each, answer)}
        line["seconds"] = round(time.monotonic() - begun, 2)
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        print(
            f"{model} {language} {number}/{len(chosen)} {'✓' if line['right'] else '·'} {answer.text[:90]!r}",
            flush=True,
        )


def _judged(gold: dict[str, Any], answer: Answer) -> dict[str, Any]:
    said = " ".join(fold(answer.text).split())
    names = [Path(source.path).name for source in answer.sources]
    cited = {citation.number for sentence in answer.sentences for citation in sentence.citations}
    return {
        "question": gold["question"],
        "gold": gold["answers"],
        "answer": answer.text,
        "right": any(" ".join(fold(text).split()) in said for text in gold["answers"]),
        "cited": any(names[number - 1] == gold["file"] for number in cited),
        "citations": len(cited),
        "among_sources": gold["file"] in names,
        "found": answer.found,
        "prompt_tokens": answer.stats.prompt_tokens,
        "ttft_s": round(answer.stats.ttft_s, 2),
        "tokens_per_s": round(answer.stats.tokens_per_s, 1),
    }


def _lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []


def _report(out: Path) -> None:
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in _lines(out):
        groups.setdefault((line["model"], line["language"]), []).append(line)
    print(f"{'model':<22} {'':<3} {'asked':>6} {'right':>6} {'cited':>6} {'among':>6} {'ttft':>6} {'seconds':>7}")
    for (model, language), lines in groups.items():
        share = {key: sum(line[key] for line in lines) / len(lines) for key in ("right", "cited", "among_sources")}
        middle = {key: sorted(line[key] for line in lines)[len(lines) // 2] for key in ("ttft_s", "seconds")}
        print(
            f"{model:<22} {language:<3} {len(lines):>6} {share['right']:>6.2f} {share['cited']:>6.2f} "
            f"{share['among_sources']:>6.2f} {middle['ttft_s']:>6.1f} {middle['seconds']:>7.1f}"
        )


if __name__ == "__main__":
    sys.exit(main())
