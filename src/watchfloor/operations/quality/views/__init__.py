"""The pages of quality: overview, gold library, training and certifications, sampling designs."""
