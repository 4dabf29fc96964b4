"""Stacks: where they come from, how they are read, written and split."""
