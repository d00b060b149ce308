"""Agreement between raters beyond chance, from counts or from pairs of answers.

Start with `tallies.tally` (answers into counts), then `counts.gwet_ac1` (what a floor may be set on),
`krippendorff.krippendorff_alpha` (ordered or missing ratings), `pairs.cohen_kappa` (two named raters). At low
prevalence every kappa and alpha falls although people agree: show `counts.specific_agreement` beside them.
`intervals.item_bootstrap` gives each of them an interval.
"""

from watchfloor.science.agreement.counts import (
    Agreement,
    fleiss_kappa,
    gwet_ac1,
    observed_agreement,
    specific_agreement,
)
from watchfloor.science.agreement.intervals import ItemInterval, item_bootstrap
from watchfloor.science.agreement.krippendorff import Level, krippendorff_alpha
from watchfloor.science.agreement.pairs import RawAgreement, cohen_kappa, confusion, raw_agreement
from watchfloor.science.agreement.tallies import Tally, tally

__all__ = [
    "Agreement",
    "ItemInterval",
    "Level",
    "RawAgreement",
    "Tally",
    "cohen_kappa",
    "confusion",
    "fleiss_kappa",
    "gwet_ac1",
    "item_bootstrap",
    "krippendorff_alpha",
    "observed_agreement",
    "raw_agreement",
    "specific_agreement",
    "tally",
]
