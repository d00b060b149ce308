"""Where cases wait: queues, their state and their versioned configuration."""
