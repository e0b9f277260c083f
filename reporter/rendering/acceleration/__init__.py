"""Acceleration of WeasyPrint: the same bytes with a third less work.

Each patch skips work whose result is already known or that nothing uses. The patches rely on undocumented parts of
WeasyPrint and of the libraries below it; no other package does, and a test checks this. One guard covers all of them:
they are applied to exactly the versions that they were written for, and never if `HYPERREP_PLAIN_RENDERING` is set.
Without them, documents are rendered through the public API, to the same bytes; tests compare the two.

- `document`: XHTML is parsed as XML.
- `styles`: a style is computed once for all elements that the same rules match, across documents.
- `layout`: values that depend on a style alone are computed once per style, and a line of text is shaped once.
- `objects`: PDF objects are serialized with fewer calls.

`native` reads the versions of the native libraries. It patches nothing and does not depend on the guard.
"""
