"""How a case is worked: enqueue, claim, review, decision."""
