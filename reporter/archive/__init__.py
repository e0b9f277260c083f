"""The archive of editions: folders, atomic writes, the manifest, the index page, and verification."""
