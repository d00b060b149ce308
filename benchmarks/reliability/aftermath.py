"""What follows a decision, as clients do it: corrections, appeals, audits and disputes about them.

Corrections and appeals go whichever way the client goes; audits, verdicts and disputes go by the services.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol
from uuid import UUID

LABELS = ("scam", "fine", "nudity")
AUDITS_A_DRAW = 4
RULINGS = ("upheld", "rejected", "grey", "referred")


class Noting(Protocol):
    """What a client does its calls with: each is noted before the next begins."""

    def __call__(self, kind: str, asked: dict[str, Any], call: Callable[[], dict[str, Any]]) -> Any:
        """Return the answer; None where it was refused or nobody knows."""
        ...


@dataclass
class Aftermath:
    """Goes on with decided cases: `decided` are those the client heard of, `filed` the keys it used."""

    floor: Any
    name: str
    people: list[str]
    rng: random.Random
    decided: list[str] = field(default_factory=list)
    filed: list[tuple[str, str]] = field(default_factory=list)
    audits: list[tuple[str, str]] = field(default_factory=list)
    disputed: list[tuple[str, str]] = field(default_factory=list)
    made: int = 0

    def step(self, note: Noting) -> None:
        """Correct or appeal a decided case; by the services also audit, dispute and rule."""
        deeds = [self.correct, self.appeal, self.appeal]
        if hasattr(self.floor, "audit"):
            deeds += [self.draw, self.judge, self.judge, self.judge, self.dispute, self.dispute, self.rule]
        self.rng.choice(deeds)(note)

    def correct(self, note: Noting) -> None:
        """Correct a decision."""
        if self.decided:
            case, label = self.rng.choice(self.decided[-50:]), self.rng.choice(LABELS)
            asked = {"case": case, "labels": [label]}
            note("correct", asked, lambda: self.floor.correct(case, label))

    def appeal(self, note: Noting) -> None:
        """File an appeal, now and then the same once more."""
        if not self.decided:
            return
        if self.filed and self.rng.random() < 0.3:
            key, case = self.rng.choice(self.filed)
        else:
            self.made += 1
            key, case = f"{self.name}-appeal-{self.made}", self.rng.choice(self.decided[-50:])
            self.filed.append((key, case))
        note("appeal", {"key": key, "case": case}, lambda: self.floor.appeal(key, case))

    def draw(self, note: Noting) -> None:
        """Write a design and draw its audits."""
        self.made += 1
        slug = f"{self.name}-{self.made}"
        found = note("draw", {"design": slug}, lambda: self.floor.draw(slug, self.rng.getrandbits(31)))
        self.audits += [(slug, audit) for audit in (found or {}).get("audits", ())]

    def judge(self, note: Noting) -> None:
        """Answer an audit and say which answer holds."""
        if self.audits:
            _, audit = self.audits.pop(self.rng.randrange(len(self.audits)))
            person, label = self.rng.choice(self.people), self.rng.choice(LABELS)
            asked = {"audit": audit, "auditor": person}
            found = note("audit", asked, lambda: self.floor.audit(audit, person, label))
            if found and found["verdict"] == "incorrect":
                self.disputed.append((audit, found["reviewer"]))

    def dispute(self, note: Noting) -> None:
        """Dispute an audit, now and then one that was disputed before."""
        if self.disputed:
            audit, person = self.rng.choice(self.disputed[-10:])
            note("dispute", {"audit": audit}, lambda: self.floor.dispute(audit, person))

    def rule(self, note: Noting) -> None:
        """Rule on a dispute."""
        if self.disputed:
            audit, _ = self.rng.choice(self.disputed[-10:])
            ruling = self.rng.choice(RULINGS)
            note("rule", {"audit": audit, "ruling": ruling}, lambda: self.floor.rule(audit, ruling))


class AftermathByServices:
    """The calls by the services, at the instants of the client's own clock."""

    now: Any
    client: str
    ids: dict[str, int]
    _ask: Callable[[Callable[[], Any]], Any]

    def correct(self, case: str, label: str) -> dict[str, Any]:
        """Correct a case's decision."""
        from watchfloor.operations.record.viewers import Viewer
        from watchfloor.operations.review.corrections import correct
        from watchfloor.operations.review.services import Answer

        answer = Answer(labels=(label,))
        made = self._ask(
            lambda: correct(
                case_id=UUID(case),
                reviewer=None,
                answer=answer,
                reason="reason",
                by=Viewer.system(self.client),
                now=self.now,
            )
        )
        return {"decision": str(made.pk)}

    def appeal(self, key: str, case: str) -> dict[str, Any]:
        """File an appeal."""
        from watchfloor.operations.enforcement.appeals import file_appeal
        from watchfloor.operations.record.viewers import Viewer

        filed = self._ask(
            lambda: file_appeal(
                case_id=UUID(case),
                kind="internal_complaint",
                complainant_role="user",
                by=Viewer.system(self.client),
                now=self.now,
                client_key=key,
            )
        )
        return {"appeal": str(filed.appeal.pk)}

    def draw(self, slug: str, seed: int) -> dict[str, Any]:
        """Draw audits of the reviews of an hour that, by the design's clock, has just ended."""
        from watchfloor.operations.quality.models import Audit
        from watchfloor.operations.quality.services import NewDesign, create_design, draw_audits
        from watchfloor.operations.queues.models import Queue
        from watchfloor.operations.record.viewers import Viewer

        def drawn() -> list[str]:
            by, start = Viewer.system(self.client), self.now - timedelta(minutes=30)
            new = NewDesign(
                slug=slug,
                title=slug,
                queues=tuple(Queue.objects.filter(slug="single")),
                plan={"count": AUDITS_A_DRAW},
                frame_hours=1,
                starts_at=start,
            )
            design = create_design(new=new, seed=seed, by=by, now=self.now)
            draw_audits(design=design, now=start + timedelta(minutes=70))
            return [str(one) for one in Audit.objects.filter(design=design).values_list("pk", flat=True)]

        return {"audits": self._ask(drawn)}

    def audit(self, audit: str, person: str, label: str) -> dict[str, Any]:
        """Answer an audit with its verdict: where the answers differ, the audited one is wrong."""
        from watchfloor.operations.people.models import Reviewer
        from watchfloor.operations.quality import services
        from watchfloor.operations.quality.models import Audit
        from watchfloor.operations.record.viewers import Viewer
        from watchfloor.operations.review.services import Answer

        def judged() -> Any:
            review = Audit.objects.select_related("review").get(pk=audit).review
            is_wrong = review is None or list(review.labels) != [label]
            return services.audit(
                audit_id=UUID(audit),
                auditor=Reviewer.objects.get(code=person),
                answer=Answer(labels=(label,)),
                severity="major" if is_wrong else "",
                cause="human" if is_wrong else "",
                now=self.now,
                by=Viewer.system(self.client),
            )

        done = self._ask(judged)
        return {"verdict": done.verdict, "reviewer": done.reviewer.code if done.reviewer else ""}

    def dispute(self, audit: str, person: str) -> dict[str, Any]:
        """Dispute an audit."""
        from watchfloor.operations.people.models import Reviewer
        from watchfloor.operations.quality import services

        made = self._ask(
            lambda: services.dispute(
                audit_id=UUID(audit),
                reviewer=Reviewer.objects.get(code=person),
                reason="reason",
                now=self.now,
            )
        )
        return {"dispute": made.pk}

    def rule(self, audit: str, ruling: str) -> dict[str, Any]:
        """Rule on the dispute about an audit."""
        from watchfloor.operations.quality import services
        from watchfloor.operations.quality.models import Dispute
        from watchfloor.operations.record.viewers import NotFoundError, Viewer

        def ruled() -> Any:
            found = Dispute.objects.filter(audit_id=audit).first()
            if found is None:
                raise NotFoundError(f"Nobody disputed {audit}.", remedy="Dispute it first.")
            by = Viewer.system(self.client)
            return services.rule_dispute(dispute_id=found.pk, ruling=ruling, note="n", by=by, now=self.now)

        made = self._ask(ruled)
        return {"level": made.level, "outcome": made.outcome}
