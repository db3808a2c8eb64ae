"""What the assessment's pages ask for. Nothing is fetched; the services check what they are given."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.openness import words
from commonweal.openness.services import MOST_WORDS


class _Words(forms.CharField):
    """Plain text in any language."""

    def __init__(self, label: Any, help_text: Any = "", *, required: bool = False, rows: int = 3) -> None:
        widget = forms.Textarea(attrs={"rows": rows, "dir": "auto"})
        super().__init__(label=label, help_text=help_text, required=required, max_length=MOST_WORDS, widget=widget)


class _Line(forms.CharField):
    def __init__(self, label: Any, help_text: Any = "", *, required: bool = False, length: int = 500, **attrs: str) -> None:
        widget = forms.TextInput(attrs={"dir": "auto", **attrs})
        super().__init__(label=label, help_text=help_text, required=required, max_length=length, widget=widget)


class BeginForm(forms.Form):
    """Who assesses, and what connects them to the thing."""

    role = forms.ChoiceField(
        label=_("Who are you to it?"),
        choices=[("self", _("I am one of its makers")), ("third-party", _("I have no part in it"))],
        widget=forms.RadioSelect,
    )
    name = _Line(_("Your name as it is to be shown"), required=True, length=200, autocomplete="name")
    interest = _Words(
        _("Conflict of interest"), _("Money, work or friendship that connects you to it. It is shown with your verdict.")
    )


class AnswerForm(forms.Form):
    """One fact; the licence only where it matters."""

    finding = forms.ChoiceField(label=_("Is it available?"), choices=list(words.FINDINGS.items()), widget=forms.RadioSelect)
    licence = _Line(_("Its licence, as written there"), length=300, autocomplete="off")
    link = _Line(_("Where can it be seen?"), _("A web address. It is shown, never opened by this site."), inputmode="url")
    quote = _Words(_("The words that say so"))

    def __init__(self, *args: Any, licensed: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not licensed:
            del self.fields["licence"]


class ReviewForm(forms.Form):
    """A second person's look."""

    dissent = _Words(_("Where you differ"), _("It is shown beside the verdict and does not change it."))


class ReplyForm(forms.Form):
    """The right of reply."""

    name = _Line(_("Your name and organisation, as they are to be shown"), required=True, length=200)
    words = _Words(_("Your reply"), required=True, rows=6)
    link = _Line(_("Where can it be seen?"), _("A web address. It is shown, never opened by this site."), inputmode="url")


class ProofForm(forms.Form):
    """How it is known who speaks."""

    proof = _Line(_("How do you know that its makers wrote this?"), required=True, length=300)
