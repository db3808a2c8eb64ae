"""All routes of a node: each room brings its own."""

from django.urls import path

urlpatterns: list[path] = []
