"""LlamaIndex as its documentation shows it: SimpleDirectoryReader, SentenceSplitter, VectorStoreIndex, kept on disk."""
# Run by indexing.py with the Python of an environment of its own.

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

BEGUN = time.perf_counter()

import numpy as np  # noqa: E402
from llama_index.core import SimpleDirectoryReader, VectorStoreIndex  # noqa: E402
from llama_index.core.embeddings import BaseEmbedding  # noqa: E402
from llama_index.core.node_parser import SentenceSplitter  # noqa: E402

Embed = Callable[[list[str], Literal["query", "passage"]], Any]
"""Texts to a float32 array of one row each."""


def embedding(embed: Embed, **options: Any) -> Any:
    """An embedding of LlamaIndex over a function, with e5's two kinds of text."""

    class E5(BaseEmbedding):  # type: ignore[misc]
        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return np.asarray(embed(texts, "passage")).tolist()  # type: ignore[no-any-return]

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_query_embedding(self, query: str) -> list[float]:
            return np.asarray(embed([query], "query"))[0].tolist()  # type: ignore[no-any-return]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

    return E5(model_name="e5", **options)


def index(model: str, folder: Path) -> dict[str, object]:
    """Index all documents of a folder; figures of what was done."""
    from sentence_transformers import SentenceTransformer

    transformer = SentenceTransformer(model, device="cpu")
    e5 = embedding(lambda texts, kind: transformer.encode(texts, prompt=f"{kind}: ", normalize_embeddings=True))
    documents = SimpleDirectoryReader(str(folder)).load_data()
    nodes = SentenceSplitter().get_nodes_from_documents(documents)
    store = VectorStoreIndex(nodes, embed_model=e5)
    store.storage_context.persist(str(folder.parent / "llamaindex"))
    store.as_retriever(similarity_top_k=1).retrieve("ready?")
    files = len({document.metadata["file_path"] for document in documents})
    return {"seconds": time.perf_counter() - BEGUN, "chunks": len(nodes), "files": files}


if __name__ == "__main__":
    print(json.dumps(index(sys.argv[1], Path(sys.argv[2]))))
