"""Checks and lookups on a report's input: the brand's pictures, and characters that no font has."""

from collections.abc import Mapping

from reporter.domain.report import ReportData, Revision
from reporter.rendering.text import missing


def undrawn(data: ReportData) -> str:
    """Characters in external texts that no bundled font has; the document shows a replacement."""
    stages = data.current.sales.pipeline if data.current.sales else ()
    brand = data.settings.brand
    reason = data.stamp.reason if isinstance(data.stamp, Revision) else ""
    texts = (data.organization.name, *(stage.name for stage in stages), brand.name or "", brand.footer or "", reason)
    return missing("".join(texts))


def assets(data: ReportData) -> Mapping[str, bytes]:
    """Pictures that a document may show, by name: the brand's logo."""
    brand = data.settings.brand
    return {f"logo.{brand.logo_type}": brand.logo} if brand.logo else {}


def pictures(assets: Mapping[str, bytes], html: str) -> Mapping[str, bytes]:
    """Pictures that the HTML body refers to, which the email must include, by Content-ID."""
    return {cid: picture for name, picture in assets.items() if f'"cid:{(cid := f"{name}@report")}"' in html}
