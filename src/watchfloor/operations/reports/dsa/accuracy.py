"""Accuracy, precision and recall of machines and of people, by language, with intervals. Pure.

An un-appealed decision is not a correct one: every value rests on audited units, weighted by the inverse
of the probability they were drawn with, and is corrected for auditors' errors where those were measured.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from watchfloor.science.uncertainty import WeightedEstimate, hajek, rogan_gladen, weighted_ratio

LEAST_AUDITS = 20
LEAST_YOUDEN = 0.1
LEAST_CHECKED = 10
"""Re-audits of each verdict before the auditors' own error rates are taken as known."""
NO_AUDITS = "No audited unit of the period: accuracy, precision and recall are absent, not 0."
METHOD = (
    "Accuracy, precision and recall are estimated from audits drawn at "
    "random with recorded probabilities and "
    "weighted by their inverse (Hájek estimator; ratios linearised; 95% "
    "intervals, Wilson at the effective size), in "
    "total and by language of the content. Decisions that nobody appealed are "
    "not taken as correct. Values on fewer "
    "than {least} audits are left blank."
)
CORRECTED = (
    " Accuracy is corrected for the auditors' own errors (Rogan and Gladen): "
    "re-audits give them a sensitivity of "
    "{sensitivity:.3f} and a specificity of {specificity:.3f} in finding "
    "errors, whose uncertainty is in the interval."
)
UNCORRECTED = (
    " It is not corrected for the auditors' own errors: fewer than {least} re-audits of each verdict are at "
    "hand, or they say too little."
)


def measured(audits: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the estimates for `machine` and `people`, in total and by language, and how they were made."""
    skill = _auditors(audits)
    found: dict[str, Any] = {}
    for side, automated in (("machine", True), ("people", False)):
        rows = [row for row in audits if bool(row["is_automated"]) == automated]
        languages = sorted({row["language"] for row in rows if row["language"]})
        scopes = {"Total number": rows} | {
            language: [row for row in rows if row["language"] == language] for language in languages
        }
        found[side] = {
            scope: estimates for scope, held in scopes.items() if (estimates := _estimates(held, skill))
        }
    if not audits:
        found["method"] = NO_AUDITS
    else:
        tail = CORRECTED.format(**skill) if skill else UNCORRECTED.format(least=LEAST_CHECKED)
        found["method"] = METHOD.format(least=LEAST_AUDITS) + tail + _summary(found)
    found["auditors"] = skill
    return found


def _summary(found: Mapping[str, Any]) -> str:
    parts = []
    for side, name in (("people", "Decisions by people"), ("machine", "Decisions by automated means")):
        one = found[side].get("Total number", {})
        told = [
            f"{measure} {held['value']:.3f} ({held['low']:.3f} to {held['high']:.3f})"
            for measure in ("accuracy", "precision", "recall")
            if (held := one.get(measure))
        ]
        parts.append(f" {name}: {', '.join(told) if told else 'too few audits to say'}.")
    return "".join(parts)


def _estimates(rows: Sequence[Mapping[str, Any]], skill: Mapping[str, float] | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if len(rows) >= LEAST_AUDITS:
        right = [float(row["is_correct"]) for row in rows]
        found["accuracy"] = _accuracy(hajek(y=right, weights=_weights(rows)), skill)
    both = [row for row in rows if row["answer_violative"] is not None and row["truth_violative"] is not None]
    caught = [float(row["answer_violative"] and row["truth_violative"]) for row in both]
    for name, of in (("precision", "answer_violative"), ("recall", "truth_violative")):
        wanted = [float(row[of]) for row in both]
        if sum(wanted) >= LEAST_AUDITS:
            estimate = weighted_ratio(numerator=caught, denominator=wanted, weights=_weights(both))
            found[name] = _plain(estimate)
    return {name: one for name, one in found.items() if one is not None}


def _weights(rows: Sequence[Mapping[str, Any]]) -> np.ndarray[Any, np.dtype[np.float64]]:
    return np.array([1 / row["pi"] for row in rows])


def _plain(estimate: WeightedEstimate) -> dict[str, Any] | None:
    values = [float(estimate.value), float(estimate.low), float(estimate.high)]
    if any(math.isnan(value) for value in values):
        return None
    value, low, high = (round(one, 6) for one in values)
    return {"value": value, "low": low, "high": high, "n": int(estimate.n), "is_corrected": False}


def _accuracy(estimate: WeightedEstimate, skill: Mapping[str, float] | None) -> dict[str, Any] | None:
    plain = _plain(estimate)
    if plain is None or skill is None:
        return plain
    errors = rogan_gladen(
        apparent=min(1.0, max(0.0, 1 - float(estimate.value))),
        apparent_variance=float(estimate.variance),
        **skill,
    )
    return plain | {
        "value": round(1 - errors.value, 6),
        "low": round(1 - errors.high, 6),
        "high": round(1 - errors.low, 6),
        "is_corrected": True,
    }


def _auditors(audits: Sequence[Mapping[str, Any]]) -> dict[str, float] | None:
    """Return how well auditors find errors, from verdicts looked at again: `verdict` is what holds then."""
    checked = [row for row in audits if row["auditor_verdict"] is not None]
    wrong = [row for row in checked if row["verdict"] == "incorrect"]
    right = [row for row in checked if row["verdict"] == "correct"]
    if min(len(wrong), len(right)) < LEAST_CHECKED:
        return None
    found = sum(row["auditor_verdict"] == "correct" for row in wrong) / len(wrong)
    passed = sum(row["auditor_verdict"] == "correct" for row in right) / len(right)
    if found + passed - 1 < LEAST_YOUDEN:
        return None  # such as disputes of errors alone: nobody looked again at what auditors passed
    return {
        "sensitivity": found,
        "specificity": passed,
        "sensitivity_variance": found * (1 - found) / len(wrong),
        "specificity_variance": passed * (1 - passed) / len(right),
    }
