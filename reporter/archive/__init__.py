"""Where editions are kept: folders, atomic writes, the manifest, the index page, and proof that all is as it was."""
