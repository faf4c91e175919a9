"""What another assistant on this machine holds, taken over: collections and models in place, conversations as ours."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lumbre.assistant.fetching import Meter
from lumbre.assistant.indexer import Indexer
from lumbre.assistant.peers import PEERS, Peer
from lumbre.assistant.shelf import Shelf
from lumbre.core.errors import PeerMissing, PeerUnreadable, UnknownPeer
from lumbre.core.importing import ForeignCollection, ImportedCollection, ImportedModel, ImportReport
from lumbre.core.job import Job, Phase
from lumbre.core.protocols import Cancelled
from lumbre.egress.door import DownloadStopped
from lumbre.store.conversations import ConversationStore
from lumbre.store.library import LibraryStore


class Importing:
    """Part of Assistant. Nothing of the other program is ever changed."""

    _library: LibraryStore
    _conversations: ConversationStore
    _shelf: Shelf
    _indexer: Indexer
    _start: Callable[..., Job[Any]]
    _register: Callable[[list[Path], int, Cancelled], None]

    def peers(self) -> dict[str, str]:
        """The programs that can be imported from and whose folder is in its usual place: name to folder."""
        return {name: str(folder) for name, peer in PEERS.items() if (folder := peer.found()) is not None}

    def import_from(self, program: str, folder: Path | None = None, *, dry_run: bool = False) -> Job[ImportReport]:
        """Take over what a program (a key of PEERS) holds, from its usual folder or another one.

        Files of its collections are queued and indexed where they lie; models of our catalogue are used where they lie
        once their hash is right. What came before does not come again. `dry_run` only says what would come, and hashes
        no model. Emits Phase ("looking") and Progress in "bytes" of models hashed. Raises UnknownPeer and PeerMissing
        at once; the job fails with PeerUnreadable or PeerUnknown.
        """
        if program not in PEERS:
            raise UnknownPeer(name=program)
        peer = PEERS[program]
        place = folder if folder is not None else peer.found()
        if place is None or not peer.is_folder(place):
            raise PeerMissing(program=peer.title, path=str(place or peer.folders()[0]), name=program)
        absolute = place.expanduser().absolute()
        return self._start("import", lambda job: self._import(peer, absolute, job, dry_run))

    def _import(self, peer: Peer, folder: Path, job: Job[ImportReport], dry_run: bool) -> ImportReport:
        job.emit(Phase("looking"))
        try:
            findings = peer.read(folder)
        except OSError as error:
            reason = error.strerror or str(error)
            raise PeerUnreadable(program=peer.title, path=str(folder), reason=reason) from error
        collections = [_sorted_out(each) for each in findings.collections]
        held = [each for each in findings.conversations if each.turns]
        known = self._conversations.brought([each.origin for each in held])
        if not dry_run:
            for collection in collections:
                self._add(collection, job)
            for conversation in held:
                self._conversations.bring_in(conversation)
            self._indexer.wake()
        return ImportReport(
            program=peer.title,
            folder=str(folder),
            collections=collections,
            conversations=len(held) - len(known),
            known=len(known),
            models=self._models(findings.model_folders, job, dry_run),
            damaged=findings.damaged,
        )

    def _add(self, collection: ImportedCollection, job: Job[ImportReport]) -> None:
        id = self._library.ensure_collection(collection.name).id
        self._register([Path(path) for path in collection.paths], id, lambda: job.cancelled)

    def _models(self, folders: list[Path], job: Job[ImportReport], dry_run: bool) -> list[ImportedModel]:
        found = self._shelf.lookalikes(_files(folders))
        if dry_run:
            return [ImportedModel(name, str(path), "possible") for name, path in found]
        meter = Meter(job, sum(path.stat().st_size for _, path in found))
        models: list[ImportedModel] = []
        for name, path in found:
            if any(model.name == name and model.state == "used" for model in models):
                continue

            def tell(count: int, label: str = name) -> None:
                if job.cancelled:
                    raise DownloadStopped
                meter.add(label, count)

            try:
                models.append(ImportedModel(name, str(path), self._shelf.adopt(name, path, tell)))
            except DownloadStopped:
                break
        return models


def _sorted_out(collection: ForeignCollection) -> ImportedCollection:
    """The paths of a collection that are there, and those that are not."""
    here = [path for path in collection.paths if path.is_absolute() and (path.is_file() or path.is_dir())]
    missing = [str(path) for path in collection.paths if path not in here]
    # Absolute, links kept, as every path of the library.
    paths = [os.path.abspath(path) for path in here]  # noqa: PTH100
    return ImportedCollection(collection.name, paths, missing)


def _files(folders: list[Path]) -> list[Path]:
    """Files below folders, links to folders not followed."""
    return [Path(root, name) for folder in folders for root, _, names in os.walk(folder) for name in sorted(names)]
