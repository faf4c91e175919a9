"""Child processes: run an engine or a reader apart, and talk to it through a schema-checked pipe."""
