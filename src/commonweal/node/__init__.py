"""The node: composes the rooms into one running program and knows nothing that a room could know."""
