"""The acceptance report: a record drawn as HTML and PDF, and signed together with them.

`issue` draws, signs and writes a report; `countersign` adds a witness; `examine` checks one; `copy` draws it in another language.
"""

from controller.commissioning.report.folder import Place, copy, countersign, examine, find, issue
from controller.commissioning.report.plain import ReportError
from controller.commissioning.report.seal import Report, Verdict, Wanted

__all__ = ["Place", "Report", "ReportError", "Verdict", "Wanted", "copy", "countersign", "examine", "find", "issue"]
