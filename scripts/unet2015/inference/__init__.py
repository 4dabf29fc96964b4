"""Predictions of slices of any size, by torch and other runtimes."""
