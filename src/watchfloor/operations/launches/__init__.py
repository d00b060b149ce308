"""Launch gates, the wizard that opens a queue, and its way back."""
