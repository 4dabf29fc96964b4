"""Training samples: augmented images, their labels and weight maps."""
