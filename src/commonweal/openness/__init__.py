"""Openness and transparency."""
