"""The config: its check, its completion, and the code that it runs."""
