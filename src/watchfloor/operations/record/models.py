"""The three records of what happened: events, changes, audit entries. All are append-only in the database.

`Event` feeds the export to facts; `ChangeEvent` is what explanations overlay on a metric; `AuditEntry` says
who did what, sealed in a chain of hashes by `record.sealing`.
"""

import uuid

from django.db import models

from watchfloor.operations.record.fields import CurrentTransaction, TransactionField


class Event(models.Model):
    """One fact row on its way to the columnar record; `payload` is the row."""

    id = models.BigAutoField(primary_key=True)
    xid = TransactionField(db_default=CurrentTransaction(), editable=False)
    at = models.DateTimeField()
    fact = models.CharField(max_length=40)
    key = models.CharField(max_length=200)
    payload = models.JSONField()

    class Meta:
        ordering = ["xid", "id"]
        indexes = [models.Index(fields=["xid", "id"], name="record_event_xid_id")]

    def __str__(self) -> str:
        return f"{self.fact} {self.key}"


class Scoped(models.Model):
    """Where a record belongs; blank means the whole operation. Viewers are filtered by these columns."""

    queue_group = models.CharField(max_length=80, blank=True, default="")
    site = models.CharField(max_length=80, blank=True, default="")
    market = models.CharField(max_length=2, blank=True, default="")
    data_boundary = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        abstract = True


class ChangeEvent(Scoped):
    """A version of something that took effect: policy, template, queue, strategy, roster, metric …"""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=120)
    object_version = models.IntegerField(null=True, blank=True)
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    author = models.CharField(max_length=254, blank=True)
    summary = models.CharField(max_length=400)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["-at", "-id"], name="record_change_at"),
            models.Index(fields=["object_kind", "object_id", "-at"], name="record_change_object"),
        ]

    def __str__(self) -> str:
        return self.summary


class AuditEntry(Scoped):
    """Who did what to which object, before and after."""

    id = models.BigAutoField(primary_key=True)
    xid = TransactionField(db_default=CurrentTransaction(), editable=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=254)
    action = models.CharField(max_length=80)
    object_kind = models.CharField(max_length=40)
    object_id = models.CharField(max_length=120)
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["xid", "id"], name="record_audit_xid_id"),
            models.Index(fields=["object_kind", "object_id", "-id"], name="record_audit_object"),
        ]

    def __str__(self) -> str:
        return f"{self.actor}: {self.action} {self.object_kind} {self.object_id}"


class AuditSeal(models.Model):
    """One link of the chain: the hash of an entry and of the link before it."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, on_delete=models.PROTECT, related_name="seal")
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.position} {self.digest[:12]}"
