"""Subjects and assessments → documents of other tools, badges and cards; one module for each format."""
