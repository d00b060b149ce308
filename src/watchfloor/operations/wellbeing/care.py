"""The words of wellbeing that code and database share. Pure."""

WELLNESS_CLASSES = ("standard", "elevated", "severe")
LIMITED_CLASSES = ("elevated", "severe")
SPANS = ("hour", "day", "week")
MEASURES = ("cases", "minutes")
SCOPES = ("operation", "site", "person")
CONTACT_KINDS = ("peer", "clinician", "helpline")
INCIDENT_STATES = ("open", "in_contact", "closed")
