"""The training of a network, from batches to a model."""
