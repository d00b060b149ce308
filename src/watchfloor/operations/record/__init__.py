"""What happened: events for the export, changes, and the audit trail. No feature stands below this one."""
