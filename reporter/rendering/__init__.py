"""The document: words, view, charts, HTML, PDF and the mail's contents."""
