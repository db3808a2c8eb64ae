"""Browser tests of who can use the pages."""

from browsing import open_page, site  # noqa: F401
