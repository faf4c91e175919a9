"""A file becomes blocks of text that remember where they stood; one file per format."""
