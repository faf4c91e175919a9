"""Answering a question: passages first, then the model's words as they come, each sentence tied to what supports it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import msgspec

from lumbre.assistant import exhaustive, planning, prompts
from lumbre.assistant.chat_model import ChatModel
from lumbre.assistant.cite import Citing, similarity_of
from lumbre.assistant.exhaustive import Everything, Report
from lumbre.assistant.filters import parse
from lumbre.assistant.follow_up import search_query
from lumbre.assistant.planning import Plan
from lumbre.assistant.search import Searcher, alternated
from lumbre.core import job as jobs
from lumbre.core.chat import (
    Answer,
    AnswerStats,
    ChatEvent,
    ChatRequest,
    Ending,
    EngineInfo,
    GenerationStats,
    Piece,
    Reading,
    Sentence,
)
from lumbre.core.documents import Passage, SearchResult
from lumbre.core.events import Cited, LeftOut, PassagesFound, Text
from lumbre.core.job import Job, Phase, Progress
from lumbre.core.protocols import ChatEngine, Embedder
from lumbre.core.settings import SettingsFile
from lumbre.store.conversations import ConversationStore

SAVE_SECONDS = 0.5
"""How often the partial answer is kept: the most of it that a kill can cost."""
TITLE_LENGTH = 60


class Question(msgspec.Struct, frozen=True):
    """What a person asked, and of what."""

    text: str
    conversation_id: int | None = None
    collection: str | None = None
    documents: bool = True
    model: str | None = None


class Asking:
    """Turns questions into jobs that end with an answer."""

    def __init__(
        self,
        conversations: ConversationStore,
        searcher: Searcher,
        embedder: Embedder,
        chat_model: ChatModel,
        choose_model: Callable[[str | None], str],
        settings: SettingsFile,
        machine_to_itself: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """`machine_to_itself` holds the library's worker while a question is being answered."""
        self.conversations = conversations
        self.searcher = searcher
        self.embedder = embedder
        self.chat_model = chat_model
        self.choose_model = choose_model
        self.settings = settings
        self._machine_to_itself = machine_to_itself

    def ask(self, question: Question) -> Job[Answer]:
        """Start answering; the events are those of Assistant.ask."""
        turns: list[_Turn] = []

        def work(job: Job[Answer]) -> Answer:
            with self._machine_to_itself():
                turns.append(_Turn(self, question, job))
                return turns[0].answer()

        return jobs.start("ask", work, partial=lambda: turns[0].result("failed") if turns else None)


class _Turn:
    """One question being answered."""

    def __init__(self, asking: Asking, question: Question, job: Job[Answer]) -> None:
        self._asking = asking
        self._question = question
        self._job = job
        store = asking.conversations
        self._conversation_id = question.conversation_id or store.create(title_of(question.text))
        self._history = store.messages(self._conversation_id)
        self._language = prompts.language_of(question.text, self._history)
        self._query, self._filters = parse(search_query(question.text, prompts.previous_query(self._history)))
        question_id = store.add_question(self._conversation_id, question.text, question.collection, question.documents)
        self._message_id = store.begin_answer(self._conversation_id, question_id)
        self._citing = Citing((), question.text)
        self._sources: list[Passage] = []
        self._sentences: list[Sentence] = []
        self._found = True
        self._report: Report | None = None
        self._stats = AnswerStats()
        self._saved = ""
        self._saved_at = 0.0

    def answer(self) -> Answer:
        """Search, read, write, cite; whatever happens, what was written is kept."""
        try:
            self._run()
        except BaseException:
            self._asking.conversations.finish(self._message_id, self.result("failed"))
            raise
        answer = self.result("stopped" if self._job.cancelled else "finished")
        self._asking.conversations.finish(self._message_id, answer)
        return answer

    def result(self, ending: Ending) -> Answer:
        """The answer as far as it came."""
        written = self._citing.text
        return Answer(
            text=written + (self._report.text if self._report else ""),
            sentences=self._sentences + (_after(written, self._report) if self._report else []),
            sources=self._sources,
            ending=ending,
            stats=self._stats,
            found=self._found,
            conversation_id=self._conversation_id,
            message_id=self._message_id,
        )

    def _run(self) -> None:
        plan = planning.plan(self._query) if self._question.documents else Plan()
        everything = self._look_everywhere(plan)
        if everything is not None and (everything.are_rows or plan.documents):
            self._tell(everything, plan)
            return
        if plan.kind != "all":
            everything = None
        if self._question.documents:
            self._search(plan, everything)
        if self._job.cancelled:
            return
        if self._question.documents and not self._sources:
            self._show(prompts.not_found(self._language))
            self._found = False
        else:
            self._job.emit(Phase("loading-model"))
            name = self._asking.choose_model(self._question.model)
            with self._asking.chat_model.use(name, lambda: self._job.cancelled) as engine:
                if engine is not None:
                    self._write(engine)
        self._cite()
        if everything is not None and not self._job.cancelled:
            self._tell(everything, plan)

    def _look_everywhere(self, plan: Plan) -> Everything | None:
        """All that matches, when the question asks for all, for a number or for a figure."""
        if plan.kind not in ("all", "count", "figure"):
            return None
        self._job.emit(Phase("searching"))
        library = self._asking.searcher.library
        scope = library.scope(self._question.collection, self._filters)
        return exhaustive.look(library, plan.about, self._language, scope, lambda: self._job.cancelled)

    def _tell(self, everything: Everything, plan: Plan) -> None:
        """Say what was found everywhere, word for word, after what a model may have written."""
        report = exhaustive.report(everything, plan, prompts.texts_of(self._language), self._sources)
        if self._citing.text:
            report = exhaustive.below(report)
        self._sources = report.sources
        self._job.emit(PassagesFound(report.sources, 0.0))
        self._report = report
        told = 0
        for sentence, placed in zip(report.sentences, _after(self._citing.text, report), strict=True):
            self._job.emit(Text(report.text[told : sentence.end]))
            self._job.emit(Cited(placed))
            told = sentence.end

    def _search(self, plan: Plan, everything: Everything | None) -> None:
        self._job.emit(Phase("searching"))
        top = self._asking.settings.value.passages
        found = [self._find(query, top) for query in self._queries(plan)]
        passages = alternated([result.passages for result in found], max(top, 2 * len(found)))
        if everything is not None:
            passages = exhaustive.joined(passages, everything.matches)
        self._give(passages)
        self._job.emit(PassagesFound(passages, sum(result.ms for result in found)))

    def _queries(self, plan: Plan) -> list[str]:
        """What to search for: each side of a comparison for itself, else the question in its conversation."""
        return list(plan.sides) or [self._query]

    def _find(self, query: str, top: int) -> SearchResult:
        return self._asking.searcher.search(query, collection=self._question.collection, top=top, filters=self._filters)

    def _give(self, passages: list[Passage]) -> None:
        self._sources = passages
        similarity = similarity_of(self._asking.embedder) if passages else None
        self._citing = Citing(passages, self._question.text, similarity)

    def _write(self, engine: ChatEngine) -> None:
        settings = self._asking.settings.value
        prompt = prompts.build(
            self._question.text,
            self._sources,
            self._history,
            documents=self._question.documents,
            count_tokens=engine.count_tokens,
            context=engine.info.context,
            answer_tokens=settings.answer_tokens,
        )
        if prompt.left_out_turns or prompt.left_out_passages:
            self._job.emit(LeftOut(prompt.left_out_turns, prompt.left_out_passages))
        if prompt.left_out_passages:
            self._give(prompt.passages)
        self._job.emit(Phase("reading-prompt"))
        request = ChatRequest(
            prompt.messages,
            max_tokens=settings.answer_tokens,
            temperature=settings.temperature,
            seed=settings.seed,
        )
        self._stats = _stats(engine.info, GenerationStats())
        for event in engine.chat(request, lambda: self._job.cancelled):
            self._take(event, engine)

    def _take(self, event: ChatEvent, engine: ChatEngine) -> None:
        if isinstance(event, Reading):
            self._job.emit(Progress(event.done, event.total, "tokens"))
        elif isinstance(event, Piece):
            if not self._citing.text:
                self._job.emit(Phase("writing"))
            self._show(event.text)
        else:
            self._stats = _stats(engine.info, event.stats)

    def _show(self, piece: str) -> None:
        """Show a piece, cite the sentences it completes, and keep what has been written now and then."""
        shown, sentences = self._citing.feed(piece)
        if shown:
            self._job.emit(Text(shown))
        for sentence in sentences:
            self._sentences.append(sentence)
            self._job.emit(Cited(sentence))
        now = time.monotonic()
        if now - self._saved_at > SAVE_SECONDS:
            text = self._citing.text
            self._asking.conversations.append(self._message_id, text[len(self._saved) :])
            self._saved, self._saved_at = text, now

    def _cite(self) -> None:
        """Bring citations into their final form: support in other languages is looked for when all is written."""
        self._job.emit(Phase("citing"))
        shown, sentences = self._citing.finish()
        if self._sources and not self._job.cancelled and (remark := self._remark(sentences)):
            more, _ = self._citing.feed(remark)
            rest, sentences = self._citing.finish()
            shown += more + rest
        if shown:
            self._job.emit(Text(shown))
        known = {sentence.start: sentence for sentence in self._sentences}
        self._sentences = sentences
        for sentence in sentences:
            if known.get(sentence.start) != sentence:
                self._job.emit(Cited(sentence))

    def _remark(self, sentences: list[Sentence]) -> str:
        """What a person must know of a weak answer: that nothing supports it, and which sentence comes nearest."""
        self._found = not prompts.says_not_found(self._citing.text, self._language)
        claims = [sentence for sentence in sentences if sentence.claims]
        spoke_from_memory = self._found and bool(claims) and not any(claim.citations for claim in claims)
        if spoke_from_memory:
            self._found = False
        elif self._found and not (claims and self._citing.says_nothing(sentences)):
            return ""
        return prompts.remark(self._language, self._citing.nearest(), unsupported=spoke_from_memory)


def _after(written: str, report: Report) -> list[Sentence]:
    """The sentences of a report that stands after what is written already."""
    return [
        msgspec.structs.replace(one, start=one.start + len(written), end=one.end + len(written))
        for one in report.sentences
    ]


def title_of(question: str) -> str:
    """The beginning of a question as the title of its conversation."""
    line = " ".join(question.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rsplit(" ", 1)[0] + "…"


def _stats(info: EngineInfo, stats: GenerationStats) -> AnswerStats:
    return AnswerStats(
        model=info.model,
        engine=info.engine,
        device=info.device,
        quantization=info.quantization,
        prompt_tokens=stats.prompt_tokens,
        cached_tokens=stats.cached_tokens,
        answer_tokens=stats.answer_tokens,
        ttft_s=stats.ttft_s,
        tokens_per_s=stats.tokens_per_s,
    )
