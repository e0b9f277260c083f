"""Live preview of a report in a browser, rendered again with every change of its template."""
