"""The pages of enforcement: callbacks, appeals, statements of reasons."""
