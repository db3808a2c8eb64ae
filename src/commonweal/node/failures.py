"""Expected failures that no view has answered: the same words and code as everywhere, in the form the visitor asked for."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _

from commonweal.kernel.errors import CommonwealError
from commonweal.node.middleware import GetResponse
from commonweal.web.negotiate import failure


class AnswerFailures:
    """Middleware that turns a CommonwealError raised by a view into its answer; anything else is a 500 and a log entry."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return failure(request, exception) if isinstance(exception, CommonwealError) else None


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without a valid token: an old tab, blocked cookies, or a form sent by another site."""
    hint = _("Go back, reload the page and send it again. Cookies must be allowed.")
    return failure(request, CommonwealError("form-expired", _("This form has expired."), hint, status=403))
