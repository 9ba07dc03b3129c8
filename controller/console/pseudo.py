"""A language that nobody speaks: each message in brackets, its gaps as they are."""

from __future__ import annotations

import gettext


class Pseudo(gettext.NullTranslations):
    """Puts every message in brackets, so that a text which comes from no catalogue is seen."""

    def gettext(self, message: str) -> str:
        """Return the message in brackets."""
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the message for `n` in brackets."""
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    def pgettext(self, context: str, message: str) -> str:
        """Return the message in brackets."""
        return self.gettext(message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, n: int) -> str:
        """Return the message for `n` in brackets."""
        return self.ngettext(msgid1, msgid2, n)
