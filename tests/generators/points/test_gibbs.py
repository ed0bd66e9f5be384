"""Chains: what they report, and that long ones are cut without a seam."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.distributions import Distribution
from cellsim.generators.points import gibbs
from cellsim.generators.points.disks import Disks
from cellsim.generators.points.strauss import Strauss
from cellsim.seeds import stream
from tests.statistics import assert_mean

PROCESS = Disks(activity=0.5, radius=Distribution(law="uniform", values=(0.5, 1.0)), penalty=2.0)
SIZE = (20.0, 20.0)


def test_a_chain_reports_its_proposals_and_its_trace() -> None:
    chain = Strauss(density=0.2, distance=1.0, gamma=0.2).chain(SIZE, stream(0, 0, "chain"))
    assert chain.proposed.sum() == chain.steps
    assert (chain.accepted <= chain.proposed).all()
    assert (chain.accepted > 0).all()
    assert chain.counts.shape == chain.energies.shape == (gibbs.RECORDS,)
    assert chain.counts[-1] >= len(chain.placement) > 0
    assert (chain.energies >= -1e-9).all()


def test_a_longer_chain_takes_as_many_more_steps() -> None:
    chains = [
        Strauss(density=0.2, distance=1.0, gamma=0.2, length=x).chain(SIZE, stream(0, 0, "c")) for x in (1.0, 3.0)
    ]
    assert chains[1].steps == pytest.approx(3 * chains[0].steps, abs=3)


def test_the_steps_grow_with_the_points_and_with_how_densely_they_stand() -> None:
    def steps(density: float, size: tuple[float, float]) -> int:
        return Strauss(density=density, distance=1.0, gamma=0.0).chain(size, stream(0, 0, "steps")).steps

    assert steps(0.3, (40.0, 40.0)) == pytest.approx(steps(0.3, (40.0, 19.0)) * 42 / 21, rel=0.01)
    assert steps(0.7, (9.0, 9.0)) > 5 * steps(0.2, (9.0, 9.0))


def test_a_chain_cut_in_parts_follows_the_same_law(monkeypatch: pytest.MonkeyPatch) -> None:
    def draws(at_once: int) -> list[gibbs.Chain]:
        monkeypatch.setattr(gibbs, "MOST_AT_ONCE", at_once)
        return [PROCESS.chain(SIZE, stream(0, i, f"parts {at_once}")) for i in range(150)]

    whole, cut = draws(10**9), draws(700)
    assert cut[0].steps == whole[0].steps == cut[0].proposed.sum()
    assert len(cut[0].counts) >= 0.5 * gibbs.RECORDS
    assert_mean([len(a.placement) - len(b.placement) for a, b in zip(whole, cut, strict=True)], 0.0)
    radii = [np.mean(a.placement.radii) - np.mean(b.placement.radii) for a, b in zip(whole, cut, strict=True)]
    assert_mean(radii, 0.0)


def test_a_box_smaller_than_the_reach_is_drawn() -> None:
    found = [len(Strauss(density=0.4, distance=1.0, gamma=0.3)((0.3, 0.5), stream(0, i, "small"))) for i in range(3000)]
    assert np.mean(found) == pytest.approx(0.4 * 0.15, rel=0.3)
