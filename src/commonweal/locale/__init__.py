"""One catalogue of translations for all rooms: ``<language>/LC_MESSAGES/django.po``, compiled when the package is built."""
