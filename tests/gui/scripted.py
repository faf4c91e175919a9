"""An assistant that plays a script: real jobs and real events, no model, no database.

It stands in for the assistant because the window's behaviour at each event must be provoked at will; the journeys
run the window over the real one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from lumbre.assistant.assistant import DEFAULT_COLLECTION, Source
from lumbre.core.chat import Answer, AnswerStats, Citation, ConversationEntry, EngineInfo, Sentence, StoredMessage
from lumbre.core.documents import (
    AddedPlace,
    Collection,
    FileEntry,
    HiddenText,
    LibraryCounts,
    PageImage,
    Passage,
    SearchResult,
)
from lumbre.core.errors import CollectionTaken, FileVanished, NoGold, NotInLibrary, WrongPassword
from lumbre.core.events import Cited, FileChanged, PassagesFound, Text
from lumbre.core.gold import GoldComparison, GoldQuestion
from lumbre.core.importing import ImportReport
from lumbre.core.job import Job, Phase, Progress, start
from lumbre.core.ledger import LedgerEntry
from lumbre.core.models import Model, ModelEntry, ModelFile
from lumbre.core.settings import Settings

MANUAL = (
    "Copias de seguridad\n\nLas copias de seguridad se guardan durante noventa días en el servidor de la sede. "
    "Cada viernes se comprueba que se pueden restaurar. The key is kept by two people.\n"
)


def passage(rank: int, path: str, page: int | None, start_at: int, end: int) -> Passage:
    return Passage(
        rank=rank, score=1 / rank, path=path, page=page, start=start_at, end=end,
        heading="Manual › Copias de seguridad", text=MANUAL[start_at:end], language="es",
    )  # fmt: skip


FIRST = (MANUAL.index("Las copias"), MANUAL.index(" Cada"))
SECOND = (MANUAL.index("Cada"), MANUAL.index(" The key"))
PASSAGES = [
    passage(1, "/casa/documentos/Manual de operaciones.pdf", 12, *FIRST),
    passage(2, "/casa/documentos/notas/copias.md", None, *SECOND),
    passage(
        3, "/casa/documentos/notas/An unusually long file name that nobody would want to read twice.txt", None, 0, 20
    ),
]

ANSWER = (
    "Las copias se guardan **noventa días** en el servidor de la sede. "
    "Cada viernes se comprueba que se pueden restaurar. "
    "También se envían por correo los lunes."
)


def sentences() -> list[Sentence]:
    first, second = ANSWER.index("Cada"), ANSWER.index("También")
    return [
        Sentence(0, first, ANSWER[:first], [Citation(1, *FIRST)]),
        Sentence(first, second, ANSWER[first:second], [Citation(2, *SECOND), Citation(1, 21, 60)]),
        Sentence(second, len(ANSWER), ANSWER[second:], []),
    ]


STATS = AnswerStats("Qwen2.5 1.5B Instruct", "llama.cpp", "CPU", "Q4_K_M", 812, 0, 41, 2.4, 17.3)


def answer(text: str = ANSWER, **changes: object) -> Answer:
    made = Answer(text, sentences(), PASSAGES, "finished", STATS, conversation_id=7, message_id=2)
    return msgspec.structs.replace(made, **changes)


def model(name: str, title: str, size: int, **more: object) -> Model:
    fields = {"purpose": "chat", "format": "gguf", "licence": "Apache-2.0", "context": 32768, "quantization": "Q4_K_M"}
    return Model(name=name, title=title, files=[ModelFile("model.gguf", size, "0" * 64)], **{**fields, **more})


CATALOGUE = [
    model(
        "e5-small", "Multilingual E5 small", 118_000_000, purpose="embed", format="onnx", licence="MIT",
        quantization="int8", parameters=0.118, context=512,
        good_for={"en": "Finds passages in both languages.", "es": "Encuentra pasajes en ambos idiomas."},
    ),
    model(
        "qwen-0.5b", "Qwen2.5 0.5B Instruct", 491_000_000, parameters=0.5,
        good_for={"en": "Quick answers on any machine.", "es": "Respuestas rápidas en cualquier equipo."},
    ),
    model(
        "qwen-1.5b", "Qwen2.5 1.5B Instruct", 1_120_000_000, parameters=1.5,
        good_for={"en": "Careful answers from documents.", "es": "Respuestas cuidadosas a partir de documentos."},
    ),
    model("large-32b", "A large model of 32B", 19_000_000_000, parameters=32.0, memory=21_000_000_000),
]  # fmt: skip


class ScriptedAssistant:
    """Same verbs as `Assistant`; each answer is what a test put into the fields."""

    def __init__(self, *, ready: bool = True, files: int = 6) -> None:
        self.script: list[object] = []
        self.gate = threading.Event()
        """While clear, an answer waits before its last event."""
        self.gate.set()
        self.result: Answer = answer()
        self.error: Exception | None = None
        self.calls: list[tuple[object, ...]] = []
        self.jobs: list[Job[object]] = []
        self.told: list[Callable[[object], None]] = []
        self.entries = [
            ConversationEntry(7, "¿Cuánto se guardan las copias de seguridad?", time.time() - 60, 2),
            ConversationEntry(5, "Vacation policy", time.time() - 86_400 * 3, 6),
        ]
        self.kept = {7: self._kept(7), 5: self._kept(5)}
        self.states = [
            ModelEntry(
                model=one, state="absent", fits=one.name != "large-32b", seconds_per_1000_tokens=4.0 * one.parameters
            )
            for one in CATALOGUE
        ]
        if ready:
            self.states[:3] = [
                msgspec.structs.replace(entry, state="ready", measured=True) for entry in self.states[:3]
            ]
        self.library = [file_entry(at) for at in range(files)]
        self.engine: EngineInfo | None = None
        self.paused = False
        self.watching = False
        self.kept_settings = Settings(language="en")
        self.closed = False
        self.gone: set[str] = set()
        """Paths of files that are no longer there; `forgotten` are no longer in the library either."""
        self.forgotten: set[str] = set()
        self.sources: dict[str, Source] = {}
        self.named = [Collection(1, DEFAULT_COLLECTION, False, 0), Collection(2, "Nóminas", True, 2)] if files else []
        self.found: dict[str, tuple[list[str], list[HiddenText]]] = {}
        self.places: list[AddedPlace] = []
        self.gold: list[GoldQuestion] = []
        self.comparison: GoldComparison | None = None
        self.programs: dict[str, str] = {}
        self.brought = ImportReport(program="GPT4All", folder="")

    def _kept(self, number: int) -> list[StoredMessage]:
        asked = StoredMessage(id=number * 10, role="user", text="¿Cuánto se guardan las copias?", created=0.0)
        said = StoredMessage(id=number * 10 + 1, role="assistant", text=ANSWER, created=0.0, answer=answer())
        return [asked, said]

    def _job(self, title: str, result: object, events: Iterable[object] = ()) -> Job[object]:
        def work(job: Job[object]) -> object:
            for event in events:
                job.emit(event)
            self.gate.wait()
            return result

        made = start(title, work)
        self.jobs.append(made)
        return made

    def tell(self, event: object) -> None:
        """Say something to all subscribers, as the worker threads do."""
        for one in self.told:
            one(event)

    # --- documents ---

    def add(self, paths: list[Path], collection: str = DEFAULT_COLLECTION) -> Job[object]:
        self.calls.append(("add", paths, collection))
        for path in paths:
            entry = FileEntry(id=99, path=str(path), state="done", pages=1, chunks=3, collections=[collection])
            self.library.append(entry)
            self.tell(FileChanged(entry))
        self.tell(self.counts())
        return self._job("add", self.counts())

    def resume(self) -> Job[object]:
        return self._job("resume", self.counts())

    def remove(self, paths: list[Path]) -> None:
        self.calls.append(("remove", paths))
        self.library = [file for file in self.library if Path(file.path) not in paths]

    def retry(self, path: Path) -> Job[object]:
        self.calls.append(("retry", path))
        return self._job("retry", self.counts())

    def collections(self) -> list[Collection]:
        return [
            msgspec.structs.replace(one, files=len(self.files(one.name))) if one.id == 1 else one for one in self.named
        ]

    def new_collection(self, name: str) -> None:
        if any(one.name == name for one in self.named):
            raise CollectionTaken(name=name)
        self.named.append(Collection(len(self.named) + 1, name, False, 0))

    def rename_collection(self, collection: str, name: str) -> None:
        self.calls.append(("rename_collection", collection, name))
        self.named = [msgspec.structs.replace(o, name=name) if o.name == collection else o for o in self.named]

    def set_private(self, collection: str, private: bool) -> None:
        self.named = [msgspec.structs.replace(o, private=private) if o.name == collection else o for o in self.named]

    def leaving(self, collection: str) -> int:
        return 2 if collection == "Nóminas" else 0

    def delete_collection(self, collection: str) -> int:
        self.named = [one for one in self.named if one.name != collection]
        return self.leaving(collection)

    def _put(self, paths: list[Path], change: Callable[[FileEntry], FileEntry]) -> int:
        self.library = [change(file) if Path(file.path) in paths else file for file in self.library]
        return len(paths)

    def copy_files(self, paths: list[Path], to: str) -> int:
        self.calls.append(("copy", paths, to))
        return self._put(paths, lambda file: msgspec.structs.replace(file, collections=[*file.collections, to]))

    def move_files(self, paths: list[Path], to: str, source: str | None = None) -> int:
        self.calls.append(("move", paths, to, source))
        return self._put(paths, lambda file: msgspec.structs.replace(file, collections=[to]))

    def tag_files(self, paths: list[Path], add: list[str], remove: list[str]) -> int:
        return self._put(
            paths,
            lambda file: msgspec.structs.replace(file, tags=sorted({*file.tags, *add} - set(remove))),
        )

    def tags(self) -> dict[str, int]:
        return {tag: 1 for file in self.library for tag in file.tags}

    def findings(self, path: str) -> tuple[list[str], list[HiddenText]]:
        return self.found.get(path, ([], []))

    def away(self) -> list[str]:
        return [place.path for place in self.places if place.away]

    def added(self) -> list[AddedPlace]:
        return list(self.places)

    def unlock(self, path: Path, password: str) -> Job[object]:
        if password != "abierto":
            raise WrongPassword(path=str(path))
        changed = msgspec.structs.replace(
            next(file for file in self.library if file.path == str(path)), state="done", code=""
        )
        self._put([path], lambda file: changed)
        self.tell(FileChanged(changed))
        return self._job("retry", self.counts())

    def gold_questions(self) -> list[GoldQuestion]:
        return list(self.gold)

    def add_gold(self, question: str, path: Path, words: str = "") -> None:
        if not any(file.path == str(path) for file in self.library):
            raise NotInLibrary(path=str(path))
        self.gold.append(GoldQuestion(id=len(self.gold) + 1, question=question, path=str(path), words=words))

    def remove_gold(self, number: int) -> None:
        self.gold = [one for one in self.gold if one.id != number]

    def test_library(self, top: int = 5) -> Job[object]:
        if not self.gold:
            raise NoGold
        progress = [Progress(at, len(self.gold), "questions") for at in range(1, len(self.gold) + 1)]
        return self._job("test", self.comparison, progress)

    def peers(self) -> dict[str, str]:
        return dict(self.programs)

    def import_from(self, program: str, folder: Path | None = None, *, dry_run: bool = False) -> Job[object]:
        self.calls.append(("import", program, folder, dry_run))
        return self._job("import", self.brought, [Phase("looking")])

    def files(self, collection: str | None = None) -> list[FileEntry]:
        return [file for file in self.library if collection is None or collection in file.collections]

    def counts(self) -> LibraryCounts:
        states = [file.state for file in self.library]
        return LibraryCounts(
            files=len(states), waiting=states.count("waiting") + states.count("reading"),
            readable=states.count("readable"), done=states.count("done"), set_aside=states.count("set-aside"),
            chunks=sum(file.chunks for file in self.library),
            embedded=sum(file.chunks for file in self.library if file.state == "done"),
        )  # fmt: skip

    def subscribe(self, tell: Callable[[object], None]) -> None:
        self.told.append(tell)

    def watch(self) -> None:
        self.watching = True

    def pause_indexing(self) -> None:
        self.paused = True

    def resume_indexing(self) -> None:
        self.paused = False

    @property
    def indexing_paused(self) -> bool:
        return self.paused

    def search(self, query: str, *, collection: str | None = None, top: int = 5) -> SearchResult:
        self.calls.append(("search", query, collection))
        return SearchResult(query, 12.0, PASSAGES[:top])

    def source(self, passage: Passage) -> Source:
        if passage.path in self.forgotten:
            raise FileVanished
        if passage.path in self.sources:
            return self.sources[passage.path]
        kind = Path(passage.path).suffix[1:]
        return Source(passage.path, "Manual", kind, MANUAL, [0, 21, SECOND[0]] if kind == "pdf" else [])

    def source_file(self, passage: Passage) -> Path:
        if passage.path in self.gone:
            raise FileVanished
        return Path(passage.path)

    def page_image(self, passage: Passage, page: int, width: int, spans: list[tuple[int, int]]) -> PageImage:
        self.calls.append(("page_image", page, width, spans))
        return draw_page(page, width, len(spans))

    # --- conversations ---

    def ask(self, question: str, **options: object) -> Job[object]:
        self.calls.append(("ask", question, options))

        def work(job: Job[object]) -> object:
            for event in self.script:
                job.emit(event)
            while not self.gate.wait(0.005) and not job.cancelled:
                pass
            if self.error is not None:
                raise self.error
            return msgspec.structs.replace(self.result, ending="stopped") if job.cancelled else self.result

        made = start("ask", work)
        self.jobs.append(made)
        return made

    def conversations(self) -> list[ConversationEntry]:
        return list(self.entries)

    def messages(self, conversation_id: int) -> list[StoredMessage]:
        return self.kept[conversation_id]

    def rename_conversation(self, conversation_id: int, title: str) -> None:
        self.calls.append(("rename", conversation_id, title))
        self.entries = [msgspec.structs.replace(e, title=title) if e.id == conversation_id else e for e in self.entries]

    def delete_conversation(self, conversation_id: int) -> None:
        self.calls.append(("delete", conversation_id))
        self.entries = [entry for entry in self.entries if entry.id != conversation_id]

    # --- models ---

    def models(self) -> list[ModelEntry]:
        return list(self.states)

    def _fetched(self, names: list[str]) -> Job[object]:
        total = sum(entry.model.bytes for entry in self.states if entry.model.name in names)
        events = [Progress(total * part // 10, total, "bytes", names[0]) for part in range(1, 5)]

        def work(job: Job[object]) -> object:
            for event in events:
                job.emit(event)
            while not self.gate.wait(0.005) and not job.cancelled:
                pass
            if not job.cancelled:
                self.states = [
                    msgspec.structs.replace(entry, state="ready") if entry.model.name in names else entry
                    for entry in self.states
                ]
            return self.states

        made = start("fetch", work)
        self.jobs.append(made)
        return made

    def fetch(self, names: list[str]) -> Job[object]:
        self.calls.append(("fetch", names))
        return self._fetched(names)

    def fetch_starter(self) -> Job[object]:
        self.calls.append(("fetch_starter",))
        return self._fetched(["e5-small", "qwen-0.5b"])

    def verify_models(self) -> Job[object]:
        return self._job("verify", self.states, [Progress(50, 100, "bytes")])

    def load(self, name: str) -> Job[object]:
        self.calls.append(("load", name))
        title = next(entry.model.title for entry in self.states if entry.model.name == name)
        self.engine = EngineInfo(title, "llama.cpp", "CPU", "Q4_K_M", 4096, 2)
        self._mark_loaded(name)
        self.tell(self.engine)
        return self._job("load", self.engine)

    def unload(self) -> None:
        self.calls.append(("unload",))
        self.engine = None
        self._mark_loaded("")
        self.tell(None)

    def _mark_loaded(self, name: str) -> None:
        self.states = [msgspec.structs.replace(entry, loaded=entry.model.name == name) for entry in self.states]

    @property
    def loaded(self) -> EngineInfo | None:
        return self.engine

    # --- privacy and settings ---

    def ledger(self) -> list[LedgerEntry]:
        return [
            LedgerEntry(
                number=at, time=1_795_000_000.0 + at * 3600, purpose="download", what=f"model-{at}.gguf",
                host="huggingface.co", bytes_out=0, bytes_in=491_000_000, outcome="finished" if at != 2 else "stopped",
                previous="0" * 64, digest="a" * 64,
            )
            for at in range(1, 5)
        ]  # fmt: skip

    def verify_ledger(self) -> int:
        if self.error is not None:
            raise self.error
        return 4

    def left_device_bytes(self) -> int:
        return 0

    @property
    def settings(self) -> Settings:
        return self.kept_settings

    def change_settings(self, settings: Settings) -> None:
        self.calls.append(("settings", settings))
        self.kept_settings = settings

    def close(self) -> None:
        self.gate.set()
        self.closed = True


def file_entry(at: int) -> FileEntry:
    states = ("done", "done", "readable", "reading", "waiting", "set-aside")
    names = ("Manual de operaciones.pdf", "Informe anual.docx", "copias.md", "acta.html", "notas.txt", "escaneo.pdf")
    state = states[at % 6]
    return FileEntry(
        id=at + 1, path=f"/casa/documentos/{'notas/' if at % 2 else ''}{at:04} {names[at % 6]}", state=state,
        pages=12 * (at % 3), chunks=0 if state in ("waiting", "reading", "set-aside") else 40 + at,
        collections=[DEFAULT_COLLECTION], code="library.encrypted" if state == "set-aside" else "",
    )  # fmt: skip


def live_script(pieces: int = 8) -> list[object]:
    """The events of an answer as the assistant emits them."""
    step = max(1, len(ANSWER) // pieces)
    texts = [Text(ANSWER[at : at + step]) for at in range(0, len(ANSWER), step)]
    return [
        Phase("searching"), PassagesFound(PASSAGES, 31.0), Phase("loading-model"), Phase("reading-prompt"),
        Progress(420, 812, "tokens"), Progress(812, 812, "tokens"), Phase("writing"), *texts,
        *[Cited(sentence) for sentence in sentences()],
    ]  # fmt: skip


def draw_page(page: int, width: int, marks: int) -> PageImage:
    """A page drawn with Qt, as the reader would send it."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtGui import QColor, QImage, QPainter

    height = round(width * 1.414)
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("white"))
    painter = QPainter(image)
    painter.setPen(QColor("#222222"))
    for line in range(12, 60):
        painter.drawText(width // 10, height * line // 72, f"{page} · {MANUAL[:80].strip()}".replace("\n", " "))
    painter.end()
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    boxes = [(width / 10, height * (20 + at * 2) / 72 - 12, width * 0.6, 16.0) for at in range(marks)]
    return PageImage(data.data(), width, height, boxes)
