"""Evidence read from cards, file lists, licence files and metadata: each finding with a quote and its place, none guessed."""
