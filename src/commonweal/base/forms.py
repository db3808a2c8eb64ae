"""What account pages ask for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from commonweal.base.models import User


class _Password(forms.CharField):
    """No stripping: spaces are part of a password. Bounded, because hashing is costly by design."""

    def __init__(self, label: Any, autocomplete: str) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(label=label, strip=False, max_length=1000, widget=widget)


class _Name(forms.CharField):
    def __init__(self) -> None:
        widget = forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "dir": "auto"})
        super().__init__(label=_("Name"), max_length=150, widget=widget)

    def to_python(self, value: Any) -> str:
        return User.normalize_username(super().to_python(value))  # as it is stored: one form of each letter


class SignInForm(forms.Form):
    username = _Name()
    password = _Password(_("Password"), "current-password")


class RecoverForm(forms.Form):
    username = _Name()
    code = forms.CharField(
        label=_("Recovery code"), max_length=100, widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "ltr"})
    )


class _NewPasswordForm(forms.Form):
    """Two equal passwords."""

    new = _Password(_("New password"), "new-password")
    again = _Password(_("New password, again"), "new-password")

    def clean(self) -> None:
        super().clean()
        if "again" in self.cleaned_data and self.cleaned_data.get("new") != self.cleaned_data["again"]:
            self.add_error("again", _("The two passwords differ."))


class NewPasswordForm(_NewPasswordForm):
    """For who came by a link or a recovery code."""


class ChangePasswordForm(_NewPasswordForm):
    old = _Password(_("Old password"), "current-password")
    field_order = ("old", "new", "again")


class JoinForm(_NewPasswordForm):
    username = _Name()
    field_order = ("username", "new", "again")

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        for validate in User._meta.get_field("username").validators:
            validate(name)
        return name
