"""Browser tests of what people come for."""

from browsing import open_page, site  # noqa: F401
