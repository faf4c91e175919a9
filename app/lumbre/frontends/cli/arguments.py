"""The command line: which verbs there are and what each takes, in the person's language."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from lumbre import __version__
from lumbre.core.errors import BadUsage
from lumbre.core.texts import Texts

Add = Callable[..., argparse.ArgumentParser]


class _Parser(argparse.ArgumentParser):
    """A parser whose own words are translated and whose complaints are errors like all others."""

    texts: Texts

    def __init__(self, **options: Any) -> None:
        super().__init__(add_help=False, allow_abbrev=False, formatter_class=_formatter(self.texts), **options)
        self._positionals.title = self.texts("help.arguments")
        self._optionals.title = self.texts("help.options")
        self.add_argument("-h", "--help", action="help", help=self.texts("help.help"))

    def error(self, message: str) -> NoReturn:
        raise BadUsage(reason=message)


def _formatter(texts: Texts) -> type[argparse.HelpFormatter]:
    class Formatter(argparse.HelpFormatter):
        def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
            super().add_usage(usage, actions, groups, texts("help.usage") + " " if prefix is None else prefix)

    return Formatter


def home_and_json(arguments: list[str]) -> tuple[Path | None, bool]:
    """`--home` and `--json`, needed before the language is known; never fails."""
    as_json = "--json" in arguments
    for at, word in enumerate(arguments):
        if word == "--home" and at + 1 < len(arguments):
            return Path(arguments[at + 1]), as_json
        if word.startswith("--home="):
            return Path(word.removeprefix("--home=")), as_json
    return None, as_json


def parse(arguments: list[str], texts: Texts) -> argparse.Namespace:
    """Arguments as a namespace with `verb` among them. Raises BadUsage; `--help` and `--version` raise SystemExit."""
    options = _without_verb(arguments, texts) or build(texts).parse_args(arguments)
    for name, default in (("home", None), ("passphrase_file", None), ("json", False)):
        if not hasattr(options, name):
            setattr(options, name, default)
    return options


def _without_verb(arguments: list[str], texts: Texts) -> argparse.Namespace | None:
    """Options of every verb when nothing else is there, so that the window need not wait for all verbs to be built."""
    parser = argparse.ArgumentParser(
        add_help=False, allow_abbrev=False, exit_on_error=False, argument_default=argparse.SUPPRESS
    )
    _common(parser, texts)
    try:
        options, rest = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        return None
    options.verb = None
    return None if rest else options


def build(texts: Texts) -> argparse.ArgumentParser:
    """The whole command line in the language of `texts`."""
    kind = type("Parser", (_Parser,), {"texts": texts})
    # Given before the verb or after it; “parents” would repeat --help.
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    _common(shared, texts)
    parser: argparse.ArgumentParser = kind(
        prog="lumbre", description=texts("help.lumbre"), epilog=texts("help.epilog"), parents=[shared]
    )
    parser.add_argument("--version", action="version", version=f"lumbre {__version__}", help=texts("help.version"))
    verbs = parser.add_subparsers(dest="verb", metavar=texts("help.verb"), title=texts("help.verbs"))

    def add(name: str, group: Any = verbs, key: str = "") -> argparse.ArgumentParser:
        text = texts("help." + (key or name))
        made: argparse.ArgumentParser = group.add_parser(name, help=text, description=text, parents=[shared])
        return made

    _documents(add, texts)
    _answers(add, texts)
    _models(add, texts)
    _machine(add, texts)
    return parser


def _common(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("--home", type=Path, metavar=texts("help.dir"), help=texts("help.home"))
    parser.add_argument("--passphrase-file", type=Path, metavar=texts("help.file"), help=texts("help.passphrase-file"))
    parser.add_argument("--json", action="store_true", help=texts("help.json"))


def _scope(parser: argparse.ArgumentParser, texts: Texts) -> None:
    parser.add_argument("--in", dest="collection", metavar=texts("help.name"), help=texts("help.in"))


def _documents(add: Add, texts: Texts) -> None:
    put = add("add")
    put.add_argument("paths", nargs="*", type=Path, metavar=texts("help.path"), help=texts("help.paths"))
    put.add_argument("--collection", metavar=texts("help.name"), help=texts("help.collection"))
    put.add_argument("--wait", action="store_true", help=texts("help.wait"))
    _library(add, texts)
    bring = add("import")
    bring.add_argument("program", nargs="?", metavar=texts("help.program"), help=texts("help.import-program"))
    bring.add_argument("--from", dest="source", type=Path, metavar=texts("help.dir"), help=texts("help.import-from"))
    bring.add_argument("--dry-run", action="store_true", help=texts("help.dry-run"))
    bring.add_argument("--wait", action="store_true", help=texts("help.wait"))
    search = add("search")
    search.add_argument("query", nargs="*", metavar=texts("help.query"), help=texts("help.query-words"))
    search.add_argument("--from", dest="queries", type=Path, metavar=texts("help.file"), help=texts("help.from"))
    search.add_argument("--top", type=_positive, default=5, metavar="K", help=texts("help.top"))
    search.add_argument("--why", action="store_true", help=texts("help.why"))
    _scope(search, texts)


def _library(add: Add, texts: Texts) -> None:
    library = add("library")
    library.add_argument("--in", dest="collection", metavar=texts("help.name"), help=texts("help.in"))
    library.add_argument("--tag", metavar=texts("help.tag"), help=texts("help.with-tag"))
    parts = library.add_subparsers(dest="part", metavar=texts("help.verb"), title=texts("help.verbs"))
    for name in ("pause", "resume", "status"):
        add(name, parts, f"library-{name}")
    unlock = add("unlock", parts, "library-unlock")
    unlock.add_argument("path", type=Path, metavar=texts("help.file"))
    unlock.add_argument("--password-file", type=Path, metavar=texts("help.file"), help=texts("help.password-file"))
    for name in ("remove", "retry", "copy", "move", "tag"):
        part = add(name, parts, f"library-{name}")
        part.add_argument("paths", nargs="+", type=Path, metavar=texts("help.path"))
        if name in ("copy", "move"):
            part.add_argument("--to", required=True, metavar=texts("help.name"), help=texts("help.collection"))
        if name == "move":
            part.add_argument("--from", dest="source", metavar=texts("help.name"), help=texts("help.move-from"))
        for option in ("add", "remove") if name == "tag" else ():
            about: dict[str, Any] = {"metavar": texts("help.tag"), "help": texts(f"help.tag-{option}")}
            part.add_argument(f"--{option}", action="append", default=[], **about)
    _collections(add, texts, parts)
    _gold(add, texts, parts)


def _collections(add: Add, texts: Texts, parts: Any) -> None:
    add("collections", parts, "library-collections")
    for name in ("private", "rename", "delete"):
        part = add(name, parts, f"library-{name}")
        part.add_argument("name", metavar=texts("help.name"))
        if name == "private":
            part.add_argument("state", choices=("on", "off"))
        if name == "rename":
            part.add_argument("new", metavar=texts("help.new-name"))


def _gold(add: Add, texts: Texts, parts: Any) -> None:
    gold = add("gold", parts, "library-gold")
    verbs = gold.add_subparsers(dest="gold_part", metavar=texts("help.verb"), title=texts("help.verbs"))
    put = add("add", verbs, "gold-add")
    put.add_argument("question", metavar=texts("help.question"))
    put.add_argument("path", type=Path, metavar=texts("help.path"), help=texts("help.gold-path"))
    put.add_argument("--words", default="", metavar=texts("help.words"), help=texts("help.gold-words"))
    add("list", verbs, "gold-list")
    add("remove", verbs, "gold-remove").add_argument("number", type=_positive, metavar="N")
    add("import", verbs, "gold-import").add_argument("file", type=Path, metavar=texts("help.file"))
    test = add("test", parts, "library-test")
    test.add_argument("--top", type=_positive, default=5, metavar="K", help=texts("help.top"))


def _answers(add: Add, texts: Texts) -> None:
    ask = add("ask")
    ask.add_argument("question", nargs="*", metavar=texts("help.question"), help=texts("help.question-words"))
    for parser in (ask, add("chat")):
        scope = parser.add_mutually_exclusive_group()
        scope.add_argument("--in", dest="collection", metavar=texts("help.name"), help=texts("help.in"))
        scope.add_argument("--no-documents", action="store_true", help=texts("help.no-documents"))
        parser.add_argument("--model", metavar=texts("help.name"), help=texts("help.model"))


def _models(add: Add, texts: Texts) -> None:
    models = add("models")
    parts = models.add_subparsers(dest="part", required=True, metavar=texts("help.verb"), title=texts("help.verbs"))
    add("list", parts, "models-list")
    fetch = add("fetch", parts, "models-fetch")
    fetch.add_argument("names", nargs="*", metavar=texts("help.model-name"), help=texts("help.models-fetch-names"))
    fetch.add_argument("--starter", action="store_true", help=texts("help.starter"))
    add("verify", parts, "models-verify")


def _machine(add: Add, texts: Texts) -> None:
    ledger = add("ledger")
    parts = ledger.add_subparsers(dest="part", metavar=texts("help.verb"), title=texts("help.verbs"))
    add("verify", parts, "ledger-verify")
    for name in ("doctor", "bench", "quick", "start"):
        add(name)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number
