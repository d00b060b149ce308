"""Vendor contracts in versions: price, volume bands, hours, what is owed and what a miss costs; invoices."""

from django.db import models
from django.db.models import F, Q

from watchfloor.operations.scorecards.vocabulary import (
    BANDINGS,
    CONTRACT_STATES,
    PRICE_BASES,
    RULES,
    choices,
)


class VendorContract(models.Model):
    """One version of a contract with a vendor. A later version ends the earlier one where it begins."""

    number = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    vendor = models.ForeignKey("people.Vendor", on_delete=models.PROTECT, related_name="contracts")
    state = models.CharField(max_length=9, choices=choices(CONTRACT_STATES), default="draft")
    effective_from = models.DateField()
    effective_to = models.DateField(null=True, blank=True, help_text="First day it no longer holds.")
    time_zone = models.CharField(max_length=64, default="UTC", help_text="Zone of its months and days.")
    currency = models.CharField(max_length=3)
    price_basis = models.CharField(max_length=4, choices=choices(PRICE_BASES), default="hour")
    bands = models.JSONField(help_text="[[from volume, price], …]; the first begins at 0. Prices are text.")
    banding = models.CharField(
        max_length=8,
        choices=choices(BANDINGS),
        default="marginal",
        help_text="marginal: each unit at its band's price; whole: all units at the last band's.",
    )
    hours = models.JSONField(help_text="Site → productive hours contracted a month.")
    hours_per_fte = models.FloatField(default=140.0, help_text="Productive hours of one FTE a month.")
    credit_cap = models.FloatField(null=True, blank=True, help_text="Most of the fee that is credited.")
    owner = models.CharField(max_length=254)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.CharField(max_length=254, blank=True)

    class Meta:
        ordering = ["vendor", "number", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["number", "version"], name="scorecards_contract_version"),
            models.CheckConstraint(
                name="scorecards_contract_period",
                condition=Q(effective_to__isnull=True) | Q(effective_to__gt=F("effective_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} v{self.version}"


class ContractLine(models.Model):
    """One thing the vendor owes, how a miss is judged, and what share of the fee it costs."""

    contract = models.ForeignKey(VendorContract, on_delete=models.CASCADE, related_name="lines")
    metric_id = models.CharField(max_length=48)
    kind = models.CharField(max_length=8, choices=[("floor", "Floor"), ("ceiling", "Ceiling")])
    value = models.FloatField(help_text="In the metric's unit.")
    queues = models.JSONField(default=list, blank=True, help_text="Queues it is about; none is all work.")
    rule = models.CharField(max_length=8, choices=choices(RULES), default="interval")
    min_n = models.PositiveIntegerField(default=30)
    credits = models.JSONField(default=list, blank=True, help_text="[[shortfall from, share of the fee], …]")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.metric_id} {self.kind} {self.value:g}"


class InvoiceCheck(models.Model):
    """An invoice as it was read, and the bridge from what it asks to what the contract gives."""

    contract = models.ForeignKey(VendorContract, on_delete=models.PROTECT, related_name="checks")
    month = models.DateField(help_text="First day of the month.")
    file_name = models.CharField(max_length=200)
    lines = models.JSONField()
    bridge = models.JSONField()
    invoiced = models.DecimalField(max_digits=16, decimal_places=2)
    computed = models.DecimalField(max_digits=16, decimal_places=2)
    facts_version = models.PositiveIntegerField()
    checked_by = models.CharField(max_length=254)
    checked_at = models.DateTimeField()

    class Meta:
        ordering = ["-checked_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.file_name} for {self.month:%Y-%m}"
