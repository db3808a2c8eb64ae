"""commonweal: a self-hostable node for public-interest AI."""

__version__ = "0.1.0"
