"""What people may do in the catalogue."""

from __future__ import annotations

from commonweal.base.permissions import permit

#: Read sources, runs, records and entities.
permit("catalogue.read", role="visitor")
#: Let a source be harvested now.
permit("catalogue.harvest", role="curator")
#: Apply or refuse a plan.
permit("catalogue.decide", role="steward")
#: Say something in place of a source.
permit("catalogue.correct", role="curator")
#: Add a source, switch one on or off.
permit("catalogue.manage_sources", role="steward")
