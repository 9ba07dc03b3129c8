"""`python -m benchmarks --guard`: whether a scan still costs what it did, in scans of bare pymodbus in the same rounds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.campaign import Campaign
from benchmarks.contenders import CONTENDERS, REFERENCE
from benchmarks.figures import ratios
from benchmarks.results import Results
from benchmarks.trouble import NotPossible
from benchmarks.works.catalogue import WORKS
from benchmarks.works.scene import Size

GUARDED, WORK, FIGURE = "rempart/uvloop", "poll-flat", "cpu_us"
KEPT = 0.46
"""What a scan of the service costs, in scans of bare pymodbus. Lower it when the service gets faster, or nobody guards that."""
BEYOND = 1.25
SIZE, ROUNDS = Size(devices=40, window_s=2.0), 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """The ratio in each round."""

    ratios: Sequence[float]

    @property
    def middle(self) -> float:
        """Return the median of the rounds."""
        return median(self.ratios)

    @property
    def well(self) -> bool:
        """Tell whether it is within what is kept and a quarter more."""
        return self.middle <= KEPT * BEYOND

    def __str__(self) -> str:
        return (
            f"a scan costs {self.middle:.2f} of one of bare pymodbus "
            f"({min(self.ratios):.2f}-{max(self.ratios):.2f} in {len(self.ratios)} rounds); "
            f"kept is {KEPT:.2f}, {'within' if self.well else 'BEYOND'} {KEPT * BEYOND:.2f}"
        )


def guard(told: Callable[[str], None]) -> Verdict:
    """Run some rounds, and as many again where they speak against the service: a machine has bad minutes. Raises NotPossible."""
    contenders = [CONTENDERS[GUARDED], CONTENDERS[REFERENCE]]
    if missing := next((why for it in contenders if (why := it.missing())), ""):
        raise NotPossible(missing)
    results = Results(SIZE)
    campaign = Campaign(contenders, [WORKS[WORK]], SIZE, told)
    for _ in range(2):
        results.rounds += [campaign.round(results.failures) for _ in range(ROUNDS)]
        verdict = judged(results)
        if verdict.well:
            break
    return verdict


def judged(results: Results) -> Verdict:
    """Return the verdict on some rounds. Raises NotPossible where a round has no figures."""
    if results.failures:
        failure = results.failures[0]
        raise NotPossible(f"{failure.contender}: {failure.work}: {failure.why}")
    found = ratios(results.values(GUARDED, WORK, FIGURE), results.values(REFERENCE, WORK, FIGURE))
    there = [ratio for ratio in found if ratio is not None]
    if len(there) < len(results.rounds):
        raise NotPossible(f"{WORK}: nothing was measured in {len(results.rounds) - len(there)} rounds")
    return Verdict(there)
