"""The pages' entry point for a WSGI server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "watchfloor.settings.django")
application = get_wsgi_application()
