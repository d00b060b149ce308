"""Strategies that send cases, and the rules that choose a queue for each."""
