"""The usual chain, as its documentation shows it: load, split, embed with sentence-transformers, keep in FAISS."""
# Run by indexing.py with the Python of an environment of its own.

import json
import sys
import time
from pathlib import Path

BEGUN = time.perf_counter()

from langchain_community.document_loaders import BSHTMLLoader, Docx2txtLoader, PyPDFLoader, TextLoader  # noqa: E402
from langchain_community.embeddings import HuggingFaceEmbeddings  # noqa: E402
from langchain_community.vectorstores import FAISS  # noqa: E402
from langchain_text_splitters import RecursiveCharacterTextSplitter  # noqa: E402

LOADERS = {".pdf": PyPDFLoader, ".html": BSHTMLLoader, ".docx": Docx2txtLoader, ".txt": TextLoader, ".md": TextLoader}


def index(model: str, folder: Path) -> dict[str, object]:
    """Index all documents of a folder; figures of what was done."""
    documents, files = [], 0
    for path in sorted(folder.iterdir()):
        documents += LOADERS[path.suffix](str(path)).load()
        files += 1
    chunks = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=100).split_documents(documents)
    embeddings = HuggingFaceEmbeddings(model_name=model, encode_kwargs={"prompt": "passage: "})
    store = FAISS.from_documents(chunks, embeddings)
    store.save_local(str(folder.parent / "faiss"))
    store.similarity_search("ready?", k=1)
    return {"seconds": time.perf_counter() - BEGUN, "chunks": len(chunks), "files": files}


if __name__ == "__main__":
    print(json.dumps(index(sys.argv[1], Path(sys.argv[2]))))
