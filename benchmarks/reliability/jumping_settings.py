"""The operation's settings, with a clock of web requests that jumps when they ask for it."""

from watchfloor.settings.django import *  # noqa: F403 -- these are those settings and two lines more
from watchfloor.settings.django import MIDDLEWARE as _MIDDLEWARE
from watchfloor.settings.django import STORAGES as _STORAGES

MIDDLEWARE = ["benchmarks.reliability.jumping.JumpingClock", *_MIDDLEWARE]
# Nobody looks at the pages, so their styles are not gathered first.
STORAGES = {**_STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
