"""Answering a question: passages first, then the model's words as they come, each sentence tied to what supports it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import msgspec

from lumbre.assistant import prompts
from lumbre.assistant.chat_model import ChatModel
from lumbre.assistant.cite import Citing, similarity_of
from lumbre.assistant.search import Searcher
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
from lumbre.core.documents import Passage
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
        question_id = store.add_question(self._conversation_id, question.text, question.collection, question.documents)
        self._message_id = store.begin_answer(self._conversation_id, question_id)
        self._citing = Citing((), question.text)
        self._sources: list[Passage] = []
        self._sentences: list[Sentence] = []
        self._found = True
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
        return Answer(
            text=self._citing.text,
            sentences=self._sentences,
            sources=self._sources,
            ending=ending,
            stats=self._stats,
            found=self._found,
            conversation_id=self._conversation_id,
            message_id=self._message_id,
        )

    def _run(self) -> None:
        if self._question.documents:
            self._search()
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

    def _search(self) -> None:
        self._job.emit(Phase("searching"))
        query = prompts.search_query(self._question.text, prompts.previous_query(self._history))
        top = self._asking.settings.value.passages
        result = self._asking.searcher.search(query, collection=self._question.collection, top=top)
        self._give(result.passages)
        self._job.emit(PassagesFound(result.passages, result.ms))

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
