"""The pages of intake: strategies, requests for them, and the routing rules."""
