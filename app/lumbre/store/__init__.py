"""Encrypted SQLite is the truth; the FAISS index is a cache of it."""
