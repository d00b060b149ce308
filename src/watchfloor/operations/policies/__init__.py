"""What is allowed: policies in versions, each with its own taxonomy of labels."""
