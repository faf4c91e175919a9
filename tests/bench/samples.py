"""All sample files added in one go: outcomes by format, slowest files, memory of the reader, the same text in formats.

The real program with its processes; the library stays in --work, and a run that was stopped goes on from there. Ends
with 1 when a file ended nowhere, took over 30 s, the reader host took over 1 GB, or the program broke.
"""

from __future__ import annotations

import argparse
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any

import watch
from alike import Read, families, likenesses

from lumbre.assistant.assistant import Assistant
from lumbre.core.documents import FileEntry
from lumbre.core.job import Failed, Job
from lumbre.core.paths import Home
from lumbre.wiring import open_assistant

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"
_PASSPHRASE = "only for this run"
_LONGEST = 30.0
_MOST_MB = 1000.0
_LOOK_SECONDS = 0.2


def main() -> int:
    """Add everything, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*", default=[SAMPLES], help="files and folders (default: samples)")
    parser.add_argument("--work", type=Path, required=True, help="folder for the library, kept between runs")
    parser.add_argument("--minutes", type=float, default=120.0, help="most minutes to go on")
    parser.add_argument("--words-only", action="store_true", help="do not embed: reading and keeping only")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    run = _Run(options.work)
    complaints = run.add(options.files, options.minutes * 60, embed=not options.words_only)
    _outcomes(run.files())
    complaints += _slowest(run.reads.lines()) + run.memory()
    _alike(run.read_files("unstructured"))
    run.close()
    for complaint in complaints:
        print("WRONG:", complaint)
    print("all held" if not complaints else f"{len(complaints)} did not hold")
    return 1 if complaints else 0


class _Run:
    """The program over one library, watched."""

    def __init__(self, work: Path) -> None:
        self.reads = watch.Journal(work / "reads.jsonl")
        self._peaks = watch.Journal(work / "peaks.jsonl")
        self._highest: dict[str, float] = {}
        self._broke: list[str] = []
        threading.excepthook = lambda args: self._broke.append(f"{args.exc_type.__name__}: {args.exc_value}")
        self._assistant: Assistant = open_assistant(Home(work / "home"), lambda _: _PASSPHRASE)
        indexer: Any = self._assistant._indexer
        indexer._reader = watch.Clocked(indexer._reader, {"read"}, self._was_read)

    def add(self, files: Sequence[Path], seconds: float, *, embed: bool) -> list[str]:
        """Add all files and wait, at most so long; what went wrong."""
        if not embed:
            self._assistant._indexer._embed_missing = lambda: None  # type: ignore[method-assign]
        self._assistant.resume_indexing()  # a run that was stopped left it paused
        begun = time.monotonic()
        with watch.looking(self._look, _LOOK_SECONDS):
            complaints = self._wait(self._assistant.add(list(files)), begun + seconds)
        counts = self._assistant.counts()
        print(
            f"{counts.files} files in {time.monotonic() - begun:.0f} s: {counts.done} done, {counts.readable} found by "
            f"words only, {counts.set_aside} set aside, {counts.waiting} waiting; {counts.chunks} chunks, "
            f"{counts.embedded} embedded"
        )
        if counts.waiting:
            complaints.append(f"{counts.waiting} files were not reached")
        if embed and counts.readable:
            complaints.append(f"{counts.readable} files were not embedded")
        if not self._assistant.search("license").passages:
            complaints.append("the library finds nothing")
        return complaints + [f"a thread of the program broke: {what}" for what in self._broke]

    def _wait(self, job: Job[Any], until: float) -> list[str]:
        while (ending := job.wait(1.0)) is None:
            if time.monotonic() > until and not job.cancelled:
                print("the time is over; a further run goes on from here", flush=True)
                self._assistant.pause_indexing()
                job.cancel()
        return [f"adding failed: {ending.error}"] if isinstance(ending, Failed) else []

    def _was_read(self, _: str, arguments: tuple[Any, ...], seconds: float) -> None:
        self.reads.add({"path": str(arguments[0]), "seconds": round(seconds, 3)})

    def _look(self) -> None:
        for kind, processes in watch.hosts().items():
            for process in processes:
                self._highest[kind] = max(self._highest.get(kind, 0.0), watch.peak(process))

    def files(self) -> list[FileEntry]:
        """All files of the library."""
        return self._assistant.files()

    def memory(self) -> list[str]:
        """Print the peaks of this run and those before; what is over the budget."""
        self._peaks.add(self._highest)
        kinds = {kind for line in self._peaks.lines() for kind in line}
        highest = {kind: max(line.get(kind, 0.0) for line in self._peaks.lines()) for kind in kinds}
        for kind, most in sorted(highest.items()):
            print(f"peak resident memory of the {kind} host: {most:.0f} MB")
        over = highest.get("reader", 0.0)
        return [f"the reader host took {over:.0f} MB"] if over > _MOST_MB else []

    def read_files(self, below: str) -> list[Read]:
        """Files of a folder of the samples as the program keeps them."""
        library = self._assistant._library
        found = []
        for entry in self._assistant.files():
            if entry.state in ("readable", "done") and below in PurePath(entry.path).parts:
                with library._db.read() as connection:
                    (document,) = next(connection.execute("SELECT document_id FROM files WHERE id = ?", (entry.id,)))
                    query = "SELECT text FROM chunks WHERE document_id = ? ORDER BY ordinal"
                    passages = [text for (text,) in connection.execute(query, (document,))]
                source = library.passage_source(document)
                found.append(Read(entry.path, entry.format, source.text if source else "", passages))
        return found

    def close(self) -> None:
        self._assistant.close()


def _outcomes(files: Sequence[FileEntry]) -> None:
    """Files by format (of what was not read: by suffix), done or set aside with the reason."""
    table: dict[str, Counter[str]] = defaultdict(Counter)
    for file in files:
        kind = file.format or PurePath(file.path).suffix.lower() or "(no suffix)"
        table[kind][file.state if file.state != "set-aside" else f"set aside: {file.code}{_detail(file)}"] += 1
    print(f"\n{'format':<14}{'files':>6}  outcomes")
    for kind, outcomes in sorted(table.items(), key=lambda each: -each[1].total()):
        print(f"{kind:<14}{outcomes.total():>6}  " + "; ".join(f"{n} {what}" for what, n in outcomes.most_common()))


def _detail(file: FileEntry) -> str:
    told = file.details.get("kind") or file.details.get("reason")
    return f" ({str(told)[:60]})" if told else ""


def _slowest(reads: Sequence[dict[str, Any]]) -> list[str]:
    """Print the slowest files; those over the budget."""
    slowest = sorted(reads, key=lambda each: -each["seconds"])
    print(f"\n{len(reads)} readings, {sum(each['seconds'] for each in reads):.0f} s in all; the slowest:")
    for each in slowest[:10]:
        print(f"{each['seconds']:>8.2f} s  {Path(each['path']).name}")
    print()
    late = [each for each in slowest if each["seconds"] > _LONGEST + 1]  # a second for ending the reader
    return [f"{each['path']} took {each['seconds']:.0f} s" for each in late]


def _alike(files: Sequence[Read]) -> None:
    """One text in many formats: each file beside the best-read one of its family."""
    found = families(files)
    print(f"\nthe same text in several files: {len(found)} families, {sum(map(len, found.values()))} files")
    print("words: of the best-read file's, share that it holds too; more: of its own, share the best has not;")
    print("passages: of the best-read file's passages, share that stands together in one passage")
    shares = []
    for name, family in found.items():
        print(f"\n{name:<44}{'words':>7}{'more':>7}{'passages':>10}")
        for row in likenesses(family):
            shares.append(row.words)
            label = f"{PurePath(row.file.path).name} ({row.file.format})"
            print(f"  {label:<42}{row.words:>7.2f}{row.more:>7.2f}{row.passages:>10.2f}")
    same, other = sum(share >= 0.95 for share in shares), sum(share < 0.5 for share in shares)
    print(
        f"\n{same} of {len(shares)} files hold 0.95 or more of the words; {other} less than half (as a rule "
        "another text under the same name)"
    )


if __name__ == "__main__":
    sys.exit(main())
