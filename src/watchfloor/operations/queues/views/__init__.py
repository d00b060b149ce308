"""The pages of queues and of what they are made of."""
