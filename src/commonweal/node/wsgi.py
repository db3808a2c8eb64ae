"""The WSGI application that granian serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from commonweal.node.boot import SETTINGS_MODULE

os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS_MODULE)
application = get_wsgi_application()

# Load every route now rather than in the first visitor's request, then tell the collector that all this is here to stay.
_ = get_resolver().url_patterns
gc.collect()
gc.freeze()
