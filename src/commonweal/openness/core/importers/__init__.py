"""Documents of other tools → :class:`~commonweal.openness.core.subject.Subject`; one module for each format."""
