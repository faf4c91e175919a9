"""The models on this machine: what is there, whether it is the published file, and how it gets here."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

import msgspec

from lumbre.assistant.fetching import Fetcher, Meter, Recipe
from lumbre.assistant.stamps import Stamps
from lumbre.core.errors import ModelMissing, ModelUnverified, ModelWontLoad, NoChatModel, UnknownModel
from lumbre.core.job import Job, Phase
from lumbre.core.models import Model, ModelEntry, ModelFile, ModelState
from lumbre.core.paths import Home, catalogue_file
from lumbre.core.settings import Settings
from lumbre.egress.door import Door, DownloadStopped
from lumbre.egress.lock import folder_lock
from lumbre.egress.part import sha256

READING_LIMIT_S = 25.0
"""Longest time to read a 1,000-token prompt at which a model is still chosen by itself."""


def catalogue(path: Path | None = None) -> list[Model]:
    """The models of the catalogue. Raises OSError and ValueError: both are bugs of ours."""
    text = (path or catalogue_file()).read_text("utf-8")
    return msgspec.convert(tomllib.loads(text)["model"], list[Model])


def choose_chat(settings: Settings, entries: Iterable[ModelEntry]) -> str:
    """The chat model to use when nobody names one.

    The chosen one if it is here; else the largest here that fits memory and reads 1,000 tokens within the limit (an
    unmeasured one is given the benefit of the doubt); else the smallest here. Raises NoChatModel.
    """
    ready = [entry for entry in entries if entry.model.purpose == "chat" and entry.state == "ready"]
    if not ready:
        raise NoChatModel()
    if any(entry.model.name == settings.model for entry in ready):
        return settings.model
    ready.sort(key=lambda entry: entry.model.parameters)
    quick = [entry for entry in ready if entry.fits and (entry.seconds_per_1000_tokens or 0) <= READING_LIMIT_S]
    return (quick[-1] if quick else ready[0]).model.name


class Shelf:
    """Fetches, verifies and hands out model files. All methods may be called from any thread."""

    def __init__(
        self,
        home: Home,
        door: Door,
        settings: Callable[[], Settings],
        change_settings: Callable[[Settings], None],
        recipe: Recipe,
        measure: Callable[[ModelEntry], float],
        models: list[Model] | None = None,
    ) -> None:
        """`measure(entry)` loads a chat model and gives its tokens/s of reading; `models` replaces the catalogue."""
        self._models = {model.name: model for model in (catalogue() if models is None else models)}
        self._home = home
        self._settings = settings
        self._change_settings = change_settings
        self._measure = measure
        self._stamps = Stamps(home.root / "verified.json")
        self._fetcher = Fetcher(lambda: home.models, door, self._stamps, recipe)

    # --- what is here ---

    def entries(self, loaded: str = "") -> list[ModelEntry]:
        """Every model of the catalogue with its state here, in the catalogue's order; `loaded` names the one in memory.

        Reads sizes only: "ready" is a model whose files have the right sizes and were not found wrong; `path` still
        hashes those that nobody hashed since they were last touched. "unverified" is a model with a wrong file.
        """
        speeds = self._settings().reading_speed
        free = available_memory()
        return [self._entry(model, model.name == loaded, free, speeds) for model in self._models.values()]

    def choose_chat(self, loaded: str = "") -> str:
        """The chat model to use when nobody names one, by `choose_chat` over what is here. Raises NoChatModel."""
        return choose_chat(self._settings(), self.entries(loaded))

    def require(self, names: list[str]) -> None:
        """Raise UnknownModel unless the catalogue has all of `names`."""
        for name in names:
            self._model(name)

    def path(self, name: str) -> Path:
        """The model's file (.gguf, .onnx) with every file of the model verified; the others lie beside it.

        Hashes what was not hashed since it was last touched: about a second a gigabyte, so call it from a worker.
        Raises UnknownModel, ModelMissing, ModelUnverified, ModelWontLoad.
        """
        model = self._model(name)
        for file in _kept(model):
            path = self._path(model, file)
            try:
                if not path.exists():
                    raise ModelMissing(name=name)
                if not self._stamps.is_published(path, file):
                    raise ModelUnverified(name=name)
            except OSError as error:
                raise ModelWontLoad(name=name, reason=error.strerror or str(error)) from error
        return self._path(model, _main(model))

    def verify(self, job: Job[list[ModelEntry]]) -> list[ModelEntry]:
        """Hash every model file that is here, whatever was known of it. Emits Progress in "bytes". Raises OSError."""
        here = [(model, file) for model in self._models.values() for file in _kept(model)]
        here = [(model, file) for model, file in here if self._path(model, file).exists()]
        meter = Meter(job, sum(self._path(model, file).stat().st_size for model, file in here))
        for model, file in here:

            def tell(count: int, title: str = model.title) -> None:
                if job.cancelled:
                    raise DownloadStopped
                meter.add(title, count)

            try:
                self._stamps.check(self._path(model, file), file, tell)
            except DownloadStopped:
                break
        return self.entries()

    # --- what other programs have ---

    def lookalikes(self, paths: Iterable[Path]) -> list[tuple[str, Path]]:
        """Models of one file that are not here, each with a file of just its size among `paths`."""
        entries = self.entries()
        wanted = {_main(entry.model).bytes: entry.model.name for entry in entries if _can_be_adopted(entry)}
        found: list[tuple[str, Path]] = []
        for path in paths:
            try:
                name = wanted.get(path.stat().st_size)
            except OSError:
                continue
            if name is not None:
                found.append((name, path))
        return found

    def adopt(self, name: str, path: Path, tell: Callable[[int], None]) -> Literal["used", "other-file", "unusable"]:
        """Use a model's file where it lies, if it is the published one, by a link to it in our folder.

        The file belongs to another program: it is only read, and deleting our link leaves it alone. `tell` hears the
        bytes as they are hashed. "unusable" is a file that cannot be read or linked. Raises UnknownModel.
        """
        model = self._model(name)
        file = _main(model)
        target = self._path(model, file)
        try:
            if sha256(path, tell) != file.sha256:
                return "other-file"
            with folder_lock(target.parent, lambda: False):
                new = target.with_name(f"{target.name}.link")
                new.unlink(missing_ok=True)
                try:
                    os.link(path.resolve(), new)
                except OSError:  # on another disk, or on one that knows no links
                    new.symlink_to(path.resolve())
                new.replace(target)
        except OSError:
            return "unusable"
        self._stamps.trust(target, file)
        return "used"

    # --- how it gets here ---

    def fetch(self, names: list[str], job: Job[list[ModelEntry]]) -> list[ModelEntry]:
        """Fetch models by name; what is here and right is left alone. Call it only when a person asked for them.

        Emits Phase ("fetching", "converting") and Progress in "bytes" over all files. A cancelled job keeps what came,
        and the next one goes on from there. Raises UnknownModel before anything moves; DoorError, DiskFull,
        HomeUnwritable.
        """
        self._fetch([self._model(name) for name in names], job)
        return self._some(names)

    def fetch_starter(self, job: Job[list[ModelEntry]]) -> list[ModelEntry]:
        """Fetch what suits this machine: embedder, smallest chat model, and a larger one if it will be quick enough.

        How fast the small one reads a prompt here predicts how fast the larger ones will, by their parameters. Emits
        Phase "measuring" besides what `fetch` emits. Raises what `fetch` and measuring raise.
        """
        starters = [model for model in self._models.values() if model.starter]
        chats = sorted((model for model in starters if model.purpose == "chat"), key=lambda model: model.parameters)
        chosen = [model for model in starters if model.purpose == "embed"] + chats[:1]
        self._fetch(chosen, job)
        if chats and not job.cancelled:
            if not self._quick(chats[1:]):
                self._measure_reading(chats[0].name, job)
            larger = self._quick(chats[1:])[-1:]
            self._fetch(larger, job)
            chosen += larger
        return self._some([model.name for model in chosen])

    def _fetch(self, models: list[Model], job: Job[list[ModelEntry]]) -> None:
        meter = Meter(job, sum(model.bytes for model in models))
        try:
            for model in models:
                self._fetcher.fetch(model, meter, job)
        except DownloadStopped:
            return

    def _quick(self, models: list[Model]) -> list[Model]:
        """Those that fit and are known to read fast enough here, in the order given."""
        entries = {entry.model.name: entry for entry in self.entries()}
        return [model for model in models if _suits(entries[model.name])]

    def _measure_reading(self, name: str, job: Job[list[ModelEntry]]) -> None:
        job.emit(Phase("measuring"))
        speed = self._measure(self._some([name])[0])
        settings = self._settings()
        # Other programs can only make it slower: what was measured while they ran must not stand for ever.
        best = max(speed, settings.reading_speed.get(name, 0.0))
        self._change_settings(msgspec.structs.replace(settings, reading_speed=settings.reading_speed | {name: best}))

    def _model(self, name: str) -> Model:
        try:
            return self._models[name]
        except KeyError:
            raise UnknownModel(name=name) from None

    def _path(self, model: Model, file: ModelFile) -> Path:
        return self._home.models / model.name / file.name

    def _some(self, names: list[str]) -> list[ModelEntry]:
        return [entry for entry in self.entries() if entry.model.name in names]

    def _entry(self, model: Model, loaded: bool, free: int, speeds: dict[str, float]) -> ModelEntry:
        speed = speeds.get(model.name)
        measured = speed is not None
        if speed is None and model.purpose == "chat":
            speed = self._predict(model, speeds)
        return ModelEntry(
            model=model,
            state=self._state(model),
            loaded=loaded,
            fits=loaded or model.memory <= free,
            seconds_per_1000_tokens=1000 / speed if speed else None,
            measured=measured,
        )

    def _state(self, model: Model) -> ModelState:
        kept = _kept(model)
        here = [file for file in kept if self._path(model, file).exists()]
        if any(self._is_wrong(self._path(model, file), file) for file in here):
            return "unverified"
        if len(here) == len(kept):
            return "ready"
        folder = self._home.models / model.name
        begun = [folder / (file.name + ending) for file in model.files for ending in ("", ".part")]
        return "partial" if any(path.exists() for path in begun) else "absent"

    def _is_wrong(self, path: Path, file: ModelFile) -> bool:
        return path.stat().st_size != file.bytes or self._stamps.known(path, file) is False

    def _predict(self, model: Model, speeds: dict[str, float]) -> float | None:
        """Tokens/s of reading by the measured model of the nearest size; reading takes time as parameters grow."""
        wanted = model.reading_parameters
        known = [
            (self._models[name].reading_parameters, speed) for name, speed in speeds.items() if name in self._models
        ]
        if not known or not wanted:
            return None
        nearest, speed = min(known, key=lambda pair: abs(pair[0] - wanted))
        return speed * nearest / wanted


def _can_be_adopted(entry: ModelEntry) -> bool:
    return entry.state != "ready" and len(_kept(entry.model)) == 1 and not _main(entry.model).recipe


def available_memory() -> int:
    """Bytes of memory that programs can still take here without swapping."""
    import psutil

    return int(psutil.virtual_memory().available)


def _kept(model: Model) -> list[ModelFile]:
    return [file for file in model.files if not file.intermediate]


def _main(model: Model) -> ModelFile:
    """The file that an engine is given: the one of the model's format."""
    return next(file for file in _kept(model) if file.name.endswith(f".{model.format}"))


def _suits(entry: ModelEntry) -> bool:
    seconds = entry.seconds_per_1000_tokens
    return entry.fits and seconds is not None and seconds <= READING_LIMIT_S
