"""What things are: messages, events, sources, errors, jobs and protocols."""
# Imports nothing but the standard library and msgspec.
