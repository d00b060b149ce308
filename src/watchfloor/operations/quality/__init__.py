"""Golden cases, training, certification, audits and disputes."""
