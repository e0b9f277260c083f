"""Rendering of an edition's files from its data: the same data gives the same bytes."""

from collections.abc import Mapping

from reporter.archive.edition import DATA, PDF
from reporter.domain.errors import ArchiveError, UsageError
from reporter.domain.report import ReportData
from reporter.rendering.rendered_report import ReportFiles
from reporter.rendering.templates import is_stock, template_folder


class TemplateGone(ArchiveError):
    """A report's template is missing, so the report cannot be rendered again."""


def make_files(data: ReportData, own_template: str | None = None) -> Mapping[str, bytes]:
    """Render the edition's files from its data alone. Raises RenderError, or TemplateGone if the template is missing.

    A template that does not come with the software is identified by its folder, which may have moved; `own_template` is
    its current folder.
    """
    from reporter.rendering.render import make_view, typeset  # noqa: PLC0415 - only in the process that renders

    name = data.settings.template
    place = own_template if own_template and not is_stock(name) else name
    try:
        template_folder(place)
    except UsageError as error:
        raise TemplateGone(f"its template, '{name}', is not here: give its folder with --template DIR") from error
    return edition_files(typeset(data, make_view(data), place))


def edition_files(files: ReportFiles) -> Mapping[str, bytes]:
    """A rendered report's files by their names in the archive."""
    return {PDF: files.pdf, DATA: files.data}
