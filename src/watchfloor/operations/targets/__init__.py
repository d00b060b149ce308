"""What units are held to: targets, how they were set, who applies when, and whether a miss is a miss."""
