"""The writes of quality, by the names the other features use."""

from watchfloor.operations.quality.auditing import (
    answer_audit,
    audit,
    correct_from_audit,
    give_back_audit,
    take_audit,
)
from watchfloor.operations.quality.certifying import carry_over, certify, certify_many, recertify
from watchfloor.operations.quality.designs import NewDesign, create_design, end_design, ensure_queue_designs
from watchfloor.operations.quality.disputes import (
    accept_ruling,
    dispute,
    escalate_dispute,
    rule_dispute,
    run_dispute_clocks,
)
from watchfloor.operations.quality.drawing import draw_audits
from watchfloor.operations.quality.gold import (
    adjudicate_gold,
    expire_gold,
    nominate_gold,
    reject_gold,
    renew_gold,
)
from watchfloor.operations.quality.mixing import Mixed, mix_gold
from watchfloor.operations.quality.training import Judgement, enrol, judge_training, judge_waiting
from watchfloor.operations.quality.training_cases import BuiltTraining, build_training, deal_first

__all__ = [
    "BuiltTraining",
    "Judgement",
    "Mixed",
    "NewDesign",
    "accept_ruling",
    "adjudicate_gold",
    "answer_audit",
    "audit",
    "build_training",
    "carry_over",
    "certify",
    "certify_many",
    "correct_from_audit",
    "create_design",
    "deal_first",
    "dispute",
    "draw_audits",
    "end_design",
    "enrol",
    "ensure_queue_designs",
    "escalate_dispute",
    "expire_gold",
    "give_back_audit",
    "judge_training",
    "judge_waiting",
    "mix_gold",
    "nominate_gold",
    "recertify",
    "reject_gold",
    "renew_gold",
    "rule_dispute",
    "run_dispute_clocks",
    "take_audit",
]
