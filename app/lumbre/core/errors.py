"""Every error a person may meet, in one tree.

LumbreError
├── InputError          what the person gave cannot be used          exit code 2
├── LibraryError        a document or the library itself             exit code 3
├── ModelError          a model file or an engine                    exit code 4
├── StoreError          database, keys, disk                         exit code 5
└── DoorError           the network, permits                         exit code 6

Each leaf has a stable dotted `code`, a `message` (a sentence for a person) and a `hint` (what to do now); both are
templates filled from the keyword arguments given when it is raised. Spanish texts stand in resources/messages/es.toml
under the same codes. Anything that is not a LumbreError is a bug.
"""

from __future__ import annotations

import tomllib
from functools import cache
from typing import Any, ClassVar

from lumbre.core.paths import resources_dir


class LumbreError(Exception):
    """An error with a sentence for a person and a hint of what to do now.

    `details` fill the templates; they must be strings or numbers, so that an error can cross a pipe.
    """

    code: ClassVar[str] = "lumbre"
    message: ClassVar[str] = "Something went wrong: {reason}"
    hint: ClassVar[str] = ""
    exit_code: ClassVar[int] = 1
    retry: ClassVar[bool] = False

    def __init__(self, **details: Any) -> None:
        self.details = details
        super().__init__(self.text("en"))

    def text(self, language: str) -> str:
        """The sentence for a person in `language` ("en" or "es")."""
        return self._fill("message", language)

    def advice(self, language: str) -> str:
        """What to do now, in `language`; empty when nothing can be done."""
        return self._fill("hint", language)

    def _fill(self, field: str, language: str) -> str:
        template = getattr(type(self), field)
        if language != "en":
            template = translations(language).get(self.code, {}).get(field, template)
        return str(template).format_map(_Details(self.details))


class _Details(dict[str, Any]):
    """Leaves a placeholder visible instead of failing while an error is being reported."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


@cache
def translations(language: str) -> dict[str, dict[str, str]]:
    """The error texts of one language by code: {code: {"message": …, "hint": …}}; empty when there are none."""
    path = resources_dir() / "messages" / f"{language}.toml"
    return tomllib.loads(path.read_text("utf-8")) if path.exists() else {}


def by_code(code: str, details: dict[str, Any]) -> LumbreError:
    """Rebuild an error that crossed a pipe from its code and details; an unknown code becomes the root error."""
    for kind in _tree(LumbreError):
        if kind.code == code:
            return kind(**details)
    return LumbreError(reason=f"{code} {details}")


def _tree(kind: type[LumbreError]) -> list[type[LumbreError]]:
    return [kind, *(leaf for sub in kind.__subclasses__() for leaf in _tree(sub))]


# --- input ------------------------------------------------------------------------------------------------------------


class InputError(LumbreError):
    code = "input"
    exit_code = 2


class BadUsage(InputError):
    code = "input.usage"
    message = "The command is not understood: {reason}."
    hint = "“lumbre --help” shows the verbs, and “lumbre VERB --help” what each takes."


class PassphraseMismatch(InputError):
    code = "input.passphrase-mismatch"
    message = "The two passphrases are not the same."
    hint = "Try again."
    retry = True


class PathMissing(InputError):
    code = "input.path-missing"
    message = "There is nothing at “{path}”."
    hint = "Check the path; it may have been moved or deleted."


class EmptyQuestion(InputError):
    code = "input.empty-question"
    message = "The question is empty."
    hint = "Type a question."


class UnknownCollection(InputError):
    code = "input.unknown-collection"
    message = "There is no collection called “{name}”."
    hint = "“lumbre library” lists the collections."


class FilterUnclear(InputError):
    code = "input.filter-unclear"
    message = "“{filter}:{value}” names no date."
    hint = "Write a year, a month or a day: {filter}:2023, {filter}:2023-05 or {filter}:2023-05-31."


class CollectionTaken(InputError):
    code = "input.collection-taken"
    message = "There is already a collection called “{name}”."
    hint = "Choose another name, or move the files there: “lumbre library move”."


class NotInLibrary(InputError):
    code = "input.not-in-library"
    message = "“{path}” is not in the library."
    hint = "“lumbre library” shows what is in it, and “lumbre add” puts more in."


class NoGold(InputError):
    code = "input.no-gold"
    message = "There are no gold questions to test the library with."
    hint = "Add one: “lumbre library gold add 'QUESTION' PATH --words 'WORDS'”."


class UnknownGold(InputError):
    code = "input.unknown-gold"
    message = "There is no gold question with the number {number}."
    hint = "“lumbre library gold list” shows them."


class GoldLineUnusable(InputError):
    code = "input.gold-line"
    message = "Line {line} of “{path}” does not name a question and a file of the library: {text}"
    hint = "Each line needs a question, a path and, if you like, words of the passage. Nothing was taken over."


class UnknownPeer(InputError):
    code = "input.unknown-peer"
    message = "Nothing can be imported from a program called “{name}”."
    hint = "“lumbre import --help” names the programs."


class PeerMissing(InputError):
    code = "input.peer-missing"
    message = "Nothing of {program} is at “{path}”."
    hint = "If it keeps its data elsewhere, name the folder: “lumbre import {name} --from DIR”."


class NoPeers(InputError):
    code = "input.no-peers"
    message = "No other assistant was found in its usual place ({programs})."
    hint = "If one keeps its data elsewhere, name it and the folder: “lumbre import PROGRAM --from DIR”."


class UnknownModel(InputError):
    code = "input.unknown-model"
    message = "There is no model called “{name}” in the catalogue."
    hint = "“lumbre models list” shows the models."


# --- documents and the library ----------------------------------------------------------------------------------------


class LibraryError(LumbreError):
    code = "library"
    exit_code = 3


class PeerUnreadable(LibraryError):
    code = "library.peer-unreadable"
    message = "“{path}” of {program} cannot be read ({reason}). Nothing was changed."
    hint = "Start {program} once, so that it puts its files in order, close it and try again."
    retry = True


class PeerUnknown(LibraryError):
    code = "library.peer-unknown"
    message = "“{path}” is in a form of {program} that is not known here ({reason}). Nothing was changed."
    hint = "Add the folders with your documents yourself: “lumbre add FOLDER --collection NAME”."


class UnsupportedFormat(LibraryError):
    code = "library.unsupported-format"
    message = "Files of this kind cannot be read yet ({kind})."
    hint = "Save it as PDF, DOCX, HTML, Markdown or text, and add that."


class EmptyDocument(LibraryError):
    code = "library.empty"
    message = "The file holds no text."
    hint = "If it is a scan, its letters were not recognised: scan it again, sharper or with more contrast."


class EncryptedDocument(LibraryError):
    code = "library.encrypted"
    message = "The document is protected by a password."
    hint = "If it is a PDF, “lumbre library unlock FILE” asks for it once; else add a copy without a password."


class WrongPassword(LibraryError):
    code = "library.wrong-password"
    message = "This password does not open “{path}”."
    hint = "Try again; capital letters count."
    retry = True


class RecognitionDeferred(LibraryError):
    code = "library.recognition-deferred"
    message = "The file holds pictures of text, which are recognised when the other files have been read."
    hint = "Nothing needs to be done."
    retry = True


class DamagedDocument(LibraryError):
    code = "library.damaged"
    message = "The file is damaged or not what its name says ({reason})."
    hint = "Open it in the program that made it and save it again."


class UnsafeDocument(LibraryError):
    code = "library.unsafe"
    message = "The file is built so that reading it could do harm, and was not read ({reason})."
    hint = "If you trust where it comes from, save it as PDF or text and add that."


class UnsafeArchive(UnsafeDocument):
    code = "library.unsafe-archive"
    message = "The archive is built so that unpacking it could do harm, and was not unpacked ({reason})."
    hint = "If you trust where it comes from, unpack it yourself and add the folder."


class LegacyDocument(UnsupportedFormat):
    code = "library.legacy-office"
    message = "Documents of the kind from before 2007 cannot be read ({kind})."
    hint = "Open it in Word, PowerPoint or LibreOffice, save it as DOCX, PPTX or PDF, and add that."


class DocumentTooLarge(LibraryError):
    code = "library.too-large"
    message = "The file is larger than what is read at once ({size} of {limit} MB)."
    hint = "Split it into smaller files and add those."


class UnreadableFile(LibraryError):
    code = "library.unreadable"
    message = "The file cannot be opened ({reason})."
    hint = "Check that you may read it, then add it again."
    retry = True


class FileVanished(LibraryError):
    code = "library.vanished"
    message = "The file was deleted or moved while it was being read."
    hint = "Add it again from where it is now."
    retry = True


class ReaderCrashed(LibraryError):
    code = "library.reader-crashed"
    message = "Reading this file made the reader stop ({reason}); it was set aside."
    hint = "The other files are not affected. Save it again with the program that made it, or convert it to PDF."


class ReaderTimeout(LibraryError):
    code = "library.reader-timeout"
    message = "Reading this file took longer than {seconds} s; it was set aside."
    hint = "Split it into smaller files and add those."


class CloudPlaceholder(LibraryError):
    code = "library.placeholder"
    message = "The file is kept in the cloud and only its name is on this device; it was not brought down."
    hint = "Have the cloud drive keep it on this device; it is then read by itself."


class FolderAway(LibraryError):
    code = "library.folder-away"
    message = "The folder “{path}” is not there now; what was read of it is kept."
    hint = "Plug its drive in again. If it is gone for good, take the folder out of the library."
    retry = True


class WatchLimit(LibraryError):
    code = "library.watch-limit"
    message = "The system watches no more folders ({reason}); changes are noticed when Lumbre starts."
    hint = "Raise fs.inotify.max_user_watches (“sysctl”), or leave folders out in the settings."


# --- models and engines -----------------------------------------------------------------------------------------------


class ModelError(LumbreError):
    code = "model"
    exit_code = 4


class ModelMissing(ModelError):
    code = "model.missing"
    message = "The model “{name}” is not on this machine."
    hint = "Fetch it on the Models page, or with “lumbre models fetch {name}”."


class NoChatModel(ModelError):
    code = "model.none"
    message = "No chat model is on this machine yet."
    hint = "Fetch one on the Models page, or with “lumbre models fetch --starter”."


class ModelUnverified(ModelError):
    code = "model.unverified"
    message = "The file of the model “{name}” is not the published one; it was not loaded."
    hint = "It may be truncated or changed. Delete it and fetch it again: “lumbre models fetch {name}”."


class ModelWontLoad(ModelError):
    code = "model.wont-load"
    message = "The model “{name}” could not be loaded ({reason})."
    hint = "Close other programs to free memory, or choose a smaller model."
    retry = True


class EngineMissing(ModelError):
    code = "model.engine-missing"
    message = "The engine “{engine}” is not installed."
    hint = "Run “make run” again; it installs what is missing."


class EngineDied(ModelError):
    code = "model.engine-died"
    message = "The engine stopped unexpectedly ({reason}). What it had written is kept."
    hint = "Ask again; the model is loaded anew. If it happens often, choose a smaller model."
    retry = True


class PromptTooLong(ModelError):
    code = "model.prompt-too-long"
    message = "The question and its passages need {needed} tokens, but the model reads at most {limit}."
    hint = "Shorten the question, or start a new conversation."


# --- store and keys ---------------------------------------------------------------------------------------------------


class StoreError(LumbreError):
    code = "store"
    exit_code = 5


class WrongKey(StoreError):
    code = "store.wrong-key"
    message = "The passphrase or key does not open this library."
    hint = "Check the passphrase. Nothing was changed."


class KeyMissing(StoreError):
    code = "store.key-missing"
    message = "The library at “{home}” is encrypted, and its key is not in this system's keyring."
    hint = "Log in to the account that made it, or restore the keyring entry. Nothing was changed."


class PassphraseNeeded(StoreError):
    code = "store.passphrase-needed"
    message = "This system offers no keyring, so the library needs a passphrase."
    hint = "Start lumbre in a terminal to type one, or give “--passphrase-file FILE”."


class PassphraseEmpty(StoreError):
    code = "store.passphrase-empty"
    message = "The passphrase is empty."
    hint = "Choose a passphrase of at least one word; it encrypts everything kept here."


class NewerDatabase(StoreError):
    code = "store.newer"
    message = "This library was written by a newer version of Lumbre."
    hint = "Update Lumbre to open it. Nothing was changed."


class DatabaseDamaged(StoreError):
    code = "store.damaged"
    message = "The library's database is damaged ({reason})."
    hint = "Restore the folder from a backup; the documents themselves are not affected."


class DiskFull(StoreError):
    code = "store.disk-full"
    message = "The disk that holds “{path}” is full."
    hint = "Free some space and try again; what was finished is kept."
    retry = True


class HomeUnwritable(StoreError):
    code = "store.unwritable"
    message = "Lumbre may not write to “{path}” ({reason})."
    hint = "Choose another folder with “--home DIR”, or change its permissions."


class LibraryBusy(StoreError):
    code = "store.busy"
    message = "Another copy of Lumbre is using this library and did not let go."
    hint = "Wait for it to finish or close it, then try again."
    retry = True


# --- the door ---------------------------------------------------------------------------------------------------------


class DoorError(LumbreError):
    code = "door"
    exit_code = 6


class DoorClosed(DoorError):
    code = "door.closed"
    message = "A connection to {host} was stopped: no permit was given for it."
    hint = "Nothing left this device. If you meant to allow it, start the download or the message again."


class AirGapped(DoorClosed):
    code = "door.air-gapped"
    message = "Lumbre is air-gapped: nothing may be fetched or sent."
    hint = "Turn the switch off on the Privacy page if you want to allow it."


class DownloadFailed(DoorError):
    code = "door.download-failed"
    message = "“{name}” could not be fetched ({reason})."
    hint = "Check the network connection and try again; what was fetched so far is kept."
    retry = True


class HostUnreachable(DownloadFailed):
    code = "door.unreachable"
    message = "“{name}” could not be fetched: {host} cannot be reached ({reason})."
    hint = "Check the network connection and try again; what was fetched so far is kept."


class HostRefused(DownloadFailed):
    code = "door.refused"
    message = "“{name}” could not be fetched: {host} refused it (status {status})."
    hint = "Try again later; if it happens again, the file has moved. What was fetched so far is kept."


class CertificateInvalid(DownloadFailed):
    code = "door.certificate"
    message = "“{name}” could not be fetched: {host} could not prove that it is what it says."
    hint = "In a company network, have its certificate installed in the system; elsewhere, use another network."


class OtherFile(DownloadFailed):
    code = "door.other-file"
    message = "“{name}” could not be fetched: {host} offers another file ({offered} bytes, not {expected})."
    hint = "Try again later or from another network."


class NotInIndex(DownloadFailed):
    code = "door.not-in-index"
    message = "“{name}” could not be fetched: the package index does not have “{requirement}”."
    hint = "Check pip's configuration: it says which index is used."


class PipMissing(DownloadFailed):
    code = "door.pip-missing"
    message = "“{name}” could not be fetched from the package index: this Python has no pip."
    hint = "Install pip for the Python that runs Lumbre (“python3 -m ensurepip”), and try again."


class ChecksumMismatch(DoorError):
    code = "door.checksum"
    message = "What was fetched for “{name}” is not the published file; it was thrown away."
    hint = "Try again later or from another network."
    retry = True


class LedgerBroken(DoorError):
    code = "door.ledger-broken"
    message = "The ledger has been changed at entry {entry}."
    hint = "Entries from there on cannot be trusted."
