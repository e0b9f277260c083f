"""The reference for template authors says what templates get."""

from dataclasses import fields

from reporter.document.reference import FILE, reference
from reporter.document.view import ReportView, ValueView


def test_the_reference_is_what_the_view_says() -> None:
    """docs/templates.md is stale otherwise: `python -m reporter.document.reference` renews it."""
    assert FILE.read_text("utf-8") == reference()


def test_every_field_is_listed() -> None:
    """The fields of the view, and of the views deep within it, have a line each."""
    lines = reference().splitlines()
    for view in (ReportView, ValueView):
        assert all(any(line.startswith(f"| `{field.name}` | ") for line in lines) for field in fields(view))
    assert "| `headlines` | list of text |" in lines
    assert "| `change` | [ChangeView](#changeview) |" in lines
