"""A report while its template is worked on: made anew with every change and shown in a browser; `preview` serves it."""
