"""All of it as one HTML page: environment, speedups, peers, gradient checks and the chapters; nothing is fetched from elsewhere."""

from jaxreview.report.page import Part, html, parts
from jaxreview.report.rows import RowCheck, check_row

__all__ = ["Part", "RowCheck", "check_row", "html", "parts"]
