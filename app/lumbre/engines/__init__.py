"""Tokens and vectors: llama.cpp, ONNX Runtime, echo; one file each. They run inside a host's child process."""
