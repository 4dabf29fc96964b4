"""What the scores of many runs say."""
