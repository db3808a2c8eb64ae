"""Routes of the account pages."""

from django.urls import path

from commonweal.base import pages

urlpatterns = [
    path("account", pages.account, name="account"),
    path("account/sign-in", pages.sign_in, name="sign-in"),
    path("account/sign-out", pages.sign_out, name="sign-out"),
    path("account/recover", pages.recover, name="recover"),
    path("account/link/<str:token>", pages.link, name="link"),
    path("account/password", pages.password, name="password"),
    path("account/recovery-codes", pages.recovery_codes, name="recovery-codes"),
]
