"""What follows a decision: callbacks, restrictions, appeals, statements of reasons."""
