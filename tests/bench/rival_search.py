"""The default pipelines of LangChain and LlamaIndex, as documented, over given files and questions, with e5."""
# Run by rivals.py with the Python of an environment of its own; the one argument is a file with the job as JSON.

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, Literal

from vectors import KeptVectors

Found = list[tuple[str, int, int, int | None]]


def langchain(job: dict[str, Any], paths: list[str], embedder: KeptVectors) -> Any:
    """Load, split at 1,000 characters with 200 shared, keep in FAISS, take the nearest."""
    import numpy as np
    from langchain_community.vectorstores import FAISS
    from langchain_core.embeddings import Embeddings
    from langchain_text_splitters import RecursiveCharacterTextSplitter
    from rival_langchain import LOADERS

    class E5(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            data = embedder.embed(texts, "passage")
            return np.frombuffer(data, "<f4").reshape(len(texts), -1).tolist()  # type: ignore[no-any-return]

        def embed_query(self, text: str) -> list[float]:
            return np.frombuffer(embedder.embed([text], "query"), "<f4").tolist()  # type: ignore[no-any-return]

    documents = [each for path in paths for each in LOADERS[Path(path).suffix](job["folder"] + path).load()]
    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200, add_start_index=True)
    pieces = splitter.split_documents(documents)
    print(f"  LangChain: {len(pieces)} pieces", flush=True)
    store = FAISS.from_documents(pieces, E5())

    def ask(question: str) -> Found:
        return [
            (
                _path(job, piece.metadata["source"]),
                piece.metadata["start_index"],
                piece.metadata["start_index"] + len(piece.page_content),
                piece.metadata["page"] + 1 if "page" in piece.metadata else None,
            )
            for piece in store.similarity_search(question, k=job["top"])
        ]

    return ask


def llamaindex(job: dict[str, Any], paths: list[str], embedder: KeptVectors) -> Any:
    """SimpleDirectoryReader, SentenceSplitter (1,024 tokens, 200 shared) and VectorStoreIndex with their defaults.

    Of pieces that long e5 reads the first 512 tokens; that is what the default does with this embedder.
    """
    import numpy as np
    from rival_llamaindex import SentenceSplitter, SimpleDirectoryReader, VectorStoreIndex
    from rival_llamaindex import embedding as e5

    def embed(texts: list[str], kind: Literal["query", "passage"]) -> Any:
        return np.frombuffer(embedder.embed(texts, kind), "<f4").reshape(len(texts), -1)

    documents = SimpleDirectoryReader(input_files=[job["folder"] + path for path in paths]).load_data()
    pages: dict[str, int] = {}
    read: dict[str, int] = {}
    for document in documents:
        name = document.metadata["file_path"]
        read[name] = read.get(name, 0) + 1
        if "page_label" in document.metadata:
            pages[document.id_] = read[name]
    nodes = SentenceSplitter().get_nodes_from_documents(documents)
    print(f"  LlamaIndex: {len(nodes)} pieces", flush=True)
    index = VectorStoreIndex(nodes, embed_model=e5(embed, embed_batch_size=64))
    retriever = index.as_retriever(similarity_top_k=job["top"])

    def ask(question: str) -> Found:
        nodes = [each.node for each in retriever.retrieve(question)]
        return [
            (
                _path(job, node.metadata["file_path"]),
                node.start_char_idx or 0,
                node.end_char_idx or len(node.text),
                pages.get(node.ref_doc_id),
            )
            for node in nodes
        ]

    return ask


def _path(job: dict[str, Any], file: str) -> str:
    return "/" + os.path.relpath(file, job["folder"]).replace(os.sep, "/")


def run() -> int:
    """Index each set of documents and ask its questions."""
    job = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    embedder = KeptVectors(Path(job["models"]), Path(job["vectors"]))
    chain = {"langchain": langchain, "llamaindex": llamaindex}[job["chain"]]
    embedder.embed([question for question, _ in job["questions"]], "query")
    asks = [chain(job, paths, embedder) for paths in job["sets"]]
    found = [asks[of](question) for question, of in job["questions"]]
    Path(job["out"]).write_text(json.dumps(found), "utf-8")
    embedder.close()
    return 0


if __name__ == "__main__":
    sys.exit(run())
