"""The verbs: ask, add, search, load, fetch; and every worker thread."""
