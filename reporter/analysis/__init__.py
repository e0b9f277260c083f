"""Pure core: metrics, the comparison of two windows, and what is worth saying about it."""
