"""Faces of the assistant; strangers to each other."""
