"""How cases come from other platforms, the bench of routing rules, and what each strategy yields."""
