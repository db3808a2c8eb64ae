"""The one error that users meet: what went wrong, with which value, and how to mend it."""

from __future__ import annotations

from typing import Any


class CommonwealError(Exception):
    """An expected failure, fit to be shown to a person.

    Args:
        code: stable machine name in kebab case, e.g. ``"source-unknown"``; listed in the reference docs.
        message: what went wrong, naming the offending value.
        hint: how to mend it, one sentence, or "".
        status: the HTTP status an API answers with.
        details: extra JSON-able members of the problem+json answer; never secrets.
    """

    def __init__(self, code: str, message: str, hint: str = "", *, status: int = 400, **details: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint
        self.status = status
        self.details = details

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def problem(self) -> dict[str, Any]:
        """The error as RFC 9457 problem details."""
        return {
            "type": f"urn:commonweal:error:{self.code}",
            "title": self.message,
            "status": self.status,
            "code": self.code,
            "hint": self.hint,
            **self.details,
        }
