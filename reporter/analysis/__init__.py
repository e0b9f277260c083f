"""Analysis without I/O: metrics, the comparison of two windows, and the selection of headlines."""
