"""Normal clusters: how many points, how many of them in clusters, and where in the box they are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from cellsim.generators.base import Placement
from cellsim.generators.fields.formula import Formula
from cellsim.generators.points.clusters import Clusters, _normal_in_box
from cellsim.seeds import stream
from tests.generators.points.patterns import strip_excess
from tests.statistics import ALPHA, assert_mean, assert_same_distribution, assert_variance, assert_whole_numbers_follow

SIZES = {2: (60.0, 90.0), 3: (20.0, 30.0, 40.0)}


@pytest.fixture(params=[2, 3], ids=["2D", "3D"])
def ndim(request: pytest.FixtureRequest) -> int:
    return request.param


def draw(step: Clusters, ndim: int, n: int) -> list[Placement]:
    return [step(SIZES[ndim], stream(0, i, "clusters")) for i in range(n)]


@pytest.mark.parametrize(("points", "expected"), [(0, 0), (40, 40), (40.4, 40), (40.6, 41)])
def test_as_many_points_are_drawn_as_asked(ndim: int, points: float, expected: int) -> None:
    step = Clusters(points=points, clusters=3, clustered=0.7, spread=5.0)
    assert {len(drawn) for drawn in draw(step, ndim, 20)} == {expected}


def test_the_numbers_are_of_the_box_with_its_margin() -> None:
    step = Clusters(points=50, clusters=3, clustered=0.5, spread=5.0)
    drawn = step((60.0, 90.0), stream(0, 0, "clusters"), margin=10.0)
    assert len(drawn) == 50
    assert drawn.centres.min() < 0


def test_a_point_is_in_a_cluster_with_the_chance_given_and_in_each_alike(ndim: int) -> None:
    step = Clusters(points=50, clusters=4, clustered=0.7, spread=5.0)
    parents = np.array([drawn.parents for drawn in draw(step, ndim, 400)])
    assert set(parents.ravel()) == {-1, 0, 1, 2, 3}
    assert_whole_numbers_follow((parents >= 0).sum(axis=1), stats.binom(50, 0.7))
    with pytest.raises(AssertionError):
        assert_whole_numbers_follow((parents >= 0).sum(axis=1), stats.binom(50, 0.73))
    for cluster in range(4):
        assert_mean((parents == cluster).sum(axis=1), 50 * 0.7 / 4)


@pytest.mark.parametrize("clustered", [0.0, 1.0])
def test_none_or_all_may_be_in_clusters(ndim: int, clustered: float) -> None:
    for drawn in draw(Clusters(points=30, clusters=2, clustered=clustered, spread=5.0), ndim, 5):
        assert ((drawn.parents >= 0) == bool(clustered)).all()


def test_points_outside_clusters_are_uniform(ndim: int) -> None:
    drawn = draw(Clusters(points=60, clusters=2, clustered=0.5, spread=5.0), ndim, 300)
    alone = np.concatenate([one.centres[one.parents < 0] for one in drawn]) / SIZES[ndim]
    for at in alone.T:
        assert_same_distribution(at, lambda u: np.clip(u, 0, 1))
        with pytest.raises(AssertionError):
            assert_same_distribution(at**1.15, lambda u: np.clip(u, 0, 1))
    bare = [one.centres[one.parents < 0] for one in drawn]
    assert_mean(strip_excess(bare, SIZES[ndim], 4.0), 0.0)


def test_points_of_a_cluster_are_normal_about_one_place(ndim: int) -> None:
    """Far from the faces, differences of two have twice the variance."""
    step, differences = Clusters(points=2, clusters=1, clustered=1.0, spread=0.5), []
    for drawn in draw(step, ndim, 1500):
        if ((drawn.centres > 4) & (drawn.centres < np.array(SIZES[ndim]) - 4)).all():
            differences += list(np.diff(drawn.centres, axis=0).ravel() / (np.sqrt(2) * 0.5))
    assert_same_distribution(differences, stats.norm.cdf)
    assert_variance(differences, 1.0)
    with pytest.raises(AssertionError):
        assert_same_distribution(1.5 * np.array(differences), stats.norm.cdf)


@pytest.mark.parametrize(
    ("mean", "spread"), [(0.0, 1.0), (9.0, 2.0), (4.0, 1e-6), (10.0, 0.01), (5.0, 1e6), (3.0, 8.0)]
)
def test_the_normal_law_is_cut_at_the_faces(mean: float, spread: float) -> None:
    box, rng = np.array([10.0]), stream(0, 0, "clusters")
    drawn = _normal_in_box(np.full((4000, 1), mean), spread, box, rng.random((4000, 1)))[:, 0]
    assert drawn.min() >= 0
    assert drawn.max() < 10
    law = stats.truncnorm(-mean / spread, (10 - mean) / spread, mean, spread)
    assert_same_distribution(drawn, law.cdf)
    with pytest.raises(AssertionError):
        assert_same_distribution(drawn, lambda x: law.cdf(x - 0.2 * law.std()))


def test_the_ends_of_the_uniform_numbers_stay_in_the_box() -> None:
    ends = _normal_in_box(np.array([[3.0], [3.0]]), 0.1, np.array([10.0]), np.array([[0.0], [1.0]]))
    assert (ends >= 0).all()
    assert (ends < 10).all()


def test_another_share_moves_only_the_points_that_change_sides() -> None:
    few, many = (
        Clusters(points=50, clusters=3, clustered=share, spread=5.0)((60.0, 90.0), stream(0, 0, "clusters"))
        for share in (0.3, 0.6)
    )
    same = few.parents == many.parents
    assert 0 < (~same).sum() < 30
    np.testing.assert_array_equal(few.centres[same], many.centres[same])


def test_other_places_of_a_point_have_its_law_and_its_cluster() -> None:
    step = Clusters(points=1000, clusters=2, clustered=0.6, spread=3.0, tries=4)
    placement = step((400.0, 400.0), stream(0, 1, "clusters"), margin=10.0)
    assert placement.others is not None
    assert placement.places.shape == (4, 1000, 2)
    assert placement.parents is not None
    for cluster in (0, 1):
        members = placement.places[:, placement.parents == cluster]
        assert_same_distribution(((members - members.mean(axis=(0, 1))) / 3.0).ravel(), stats.norm.cdf)
        assert_variance(members.ravel() - np.tile(members.mean(axis=(0, 1)), members.size // 2), 9.0)
    alone = placement.places[:, placement.parents < 0]
    assert_same_distribution((alone.ravel() + 10) / 420, stats.uniform.cdf)
    with pytest.raises(AssertionError, match="distance"):
        assert_same_distribution((alone.ravel() + 10) / 500, stats.uniform.cdf)


def test_more_tries_leave_the_first_places_as_they_are() -> None:
    one, many = (Clusters(points=30, clusters=2, clustered=0.6, spread=3.0, tries=tries) for tries in (1, 9))
    first, all_places = (step((50.0, 50.0), stream(0, 0, "clusters")) for step in (one, many))
    np.testing.assert_array_equal(first.centres, all_places.centres)
    np.testing.assert_array_equal(first.parents, all_places.parents)
    assert first.others is None


def test_a_region_takes_the_first_place_that_lies_in_it() -> None:
    step = Clusters(points=40, clusters=2, clustered=0.0, spread=3.0, tries=30)
    region = np.zeros((10, 10), np.bool_)
    region[:, :3] = True
    drawn = step((50.0, 50.0), stream(0, 0, "clusters"), region=region)
    whole = step((50.0, 50.0), stream(0, 0, "clusters"))
    assert len(drawn) == 40  # 0.7^30 is little
    assert (drawn.centres[:, 1] < 15).all()
    for i in range(40):
        inside = whole.places[whole.places[:, i, 1] < 15, i]
        np.testing.assert_array_equal(drawn.places[: len(inside), i], inside)
        assert np.isnan(drawn.places[len(inside) :, i]).all()


def test_a_profile_and_a_region_together_leave_places_that_pass_both() -> None:
    step = Clusters(
        points=200, clusters=2, clustered=0.0, spread=3.0, tries=6, profile=Formula(formula=("where(y < 25, 1, 0)",))
    )
    region = np.zeros((10, 10), np.bool_)
    region[:, :5] = True
    drawn = step((50.0, 50.0), stream(0, 0, "clusters"), region=region)
    places = drawn.places[~np.isnan(drawn.places[..., 0])]
    assert (places < 25).all()
    assert stats.binomtest(len(drawn), 200, 1 - 0.75**6).pvalue > ALPHA
