"""Tokens per second through the whole program beside the same llama.cpp called directly, and the second turn's wait.

Writing: the program and a bare llama_cpp.Llama with the same file, context and threads write as many tokens after a
prompt of the same length, turn about. Waiting: two questions in one conversation over the same document.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from lumbre.assistant.assistant import Assistant
from lumbre.core.chat import Answer
from lumbre.core.events import Text
from lumbre.core.paths import Home
from lumbre.wiring import open_assistant

_PASSPHRASE = "only for this run"
_DOCUMENT = """# The lighthouse of Punta Clara

## History

The lighthouse was lit for the first time on 3 May 1871. Its lamp burned olive oil until 1889 and paraffin until 1934,
when the electric line reached the cape. The keeper's house was rebuilt after the storm of 1902 by Inés Roldán.

## Light

The light gives two white flashes every ten seconds and is seen from 22 nautical miles. The lens, of the first order,
weighs four tonnes and floats on 120 litres of mercury, so that a child can turn it with one hand.

## Visits

The tower has 204 steps and is open on Sundays from ten to two. Groups of more than eight people must announce
themselves a week before to the harbour office. The gallery is closed when the wind is stronger than 60 km/h.
"""
_QUESTIONS = (
    "Tell everything the document says about the history of the lighthouse, in full sentences.",
    "Tell everything the document says about its light, in full sentences.",
)


def main() -> int:
    """Measure both sides and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="qwen2.5-coder-0.5b")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--direct", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.direct:
        return _direct(json.loads(options.direct))
    with tempfile.TemporaryDirectory(prefix="lumbre-speed-") as folder:
        home = Home(Path(folder, "home"))
        document = Path(folder, "lighthouse.md")
        document.write_text(_DOCUMENT, "utf-8")
        assistant = open_assistant(home, lambda _: _PASSPHRASE)
        try:
            assistant.add([document]).result()
            _run(assistant, options.model, options.times)
        finally:
            assistant.close()
    return 0


def _run(assistant: Assistant, model: str, times: int) -> None:
    ratios, waits = [], []
    for _ in range(times):
        # Loads the model, and leaves nothing in its cache that the first turn could use.
        assistant.ask("Hi", documents=False, model=model).result()
        first, mine = _ask(assistant, model, None, 0)
        second, _ = _ask(assistant, model, first.conversation_id, 1)
        info = assistant.loaded
        assert info is not None
        file = next((assistant.home.models / model).glob("*.gguf"))
        spec = {
            "file": str(file),
            "context": info.context,
            "threads": info.threads,
            "prompt": first.stats.prompt_tokens,
            "tokens": first.stats.answer_tokens,
        }
        assistant.unload()
        theirs = float(subprocess.check_output([sys.executable, __file__, "--direct", json.dumps(spec)], text=True))
        ratios.append(mine / theirs)
        waits.append(second.stats.ttft_s / first.stats.ttft_s)
        print(
            f"writing: {mine:.1f} tokens/s through ask, {theirs:.1f} directly, ratio {ratios[-1]:.3f}; "
            f"first word: {first.stats.ttft_s:.2f} s (of {first.stats.prompt_tokens} tokens, "
            f"{first.stats.cached_tokens} kept), then {second.stats.ttft_s:.2f} s (of {second.stats.prompt_tokens}, "
            f"{second.stats.cached_tokens} kept), ratio {waits[-1]:.2f}",
            flush=True,
        )
    print(f"writing through ask / directly  {statistics.median(ratios):.3f} (budget 0.97)")
    print(f"first word, turn 2 / turn 1     {statistics.median(waits):.2f} (budget 0.3)")


def _ask(assistant: Assistant, model: str, conversation: int | None, number: int) -> tuple[Answer, float]:
    """The answer, and tokens per second between the first piece and the last as they came out of the program."""
    job = assistant.ask(_QUESTIONS[number], conversation_id=conversation, model=model)
    times = [time.perf_counter() for event in job.events() if isinstance(event, Text)]
    answer = job.result()
    return answer, (answer.stats.answer_tokens - 1) / max(times[-1] - times[0], 1e-6)


def _direct(spec: dict[str, Any]) -> int:
    """Write as many tokens after as long a prompt with llama_cpp alone; prints tokens per second."""
    import llama_cpp

    llama = llama_cpp.Llama(
        spec["file"],
        n_ctx=spec["context"],
        n_threads=spec["threads"] or None,
        n_threads_batch=spec["threads"] or None,
        verbose=False,
    )
    words = llama.tokenize((_DOCUMENT * 20).encode())[: spec["prompt"]]
    begun = 0.0
    for number, _ in enumerate(llama.generate(words, temp=0.0)):
        if number == 0:
            begun = time.perf_counter()
        if number == spec["tokens"] - 1:
            break
    print((spec["tokens"] - 1) / (time.perf_counter() - begun))
    return 0


if __name__ == "__main__":
    sys.exit(main())
