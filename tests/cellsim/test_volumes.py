"""Pictures of volumes: three views, square in µm, each at its place."""

from __future__ import annotations

import numpy as np
import pytest

from cellsim.report.volumes import GAP, projections, slices
from cellsim.sample import Sample


def volume(shape: tuple[int, ...], spacing: tuple[float, ...], image: bool = True) -> Sample:
    """One bright block of half the canvas along each axis, in its far corner."""
    labels = np.zeros((1, *shape), np.uint16)
    labels[(0, *(slice(n // 2, None) for n in shape))] = 1
    return Sample(labels, spacing, labels.astype(np.float32) if image else None)


@pytest.mark.parametrize("draw", [projections, slices])
@pytest.mark.parametrize("image", [True, False])
def test_the_views_stand_side_by_side_and_square_in_micrometres(draw: object, image: bool) -> None:
    panel = draw(volume((10, 40, 60), (2.0, 1.0, 1.0), image), 162)  # type: ignore[operator]
    assert panel.shape == (80 + GAP + 40, 120 + GAP + 40, 3)
    assert panel.dtype == np.float32
    assert (panel[80:82] == 1).all()
    assert (panel[:, 120:122] == 1).all()
    assert (panel[82:, 122:] == 1).all()
    for rows, columns in (
        (slice(0, 80), slice(0, 120)),
        (slice(0, 80), slice(122, 162)),
        (slice(82, 122), slice(0, 120)),
    ):
        view = panel[rows, columns].any(axis=-1)
        height, width = view.shape
        assert view[height // 2 + 4 :, width // 2 + 4 :].all()  # the far corner along both axes of each view
        assert not view[: height // 2 - 4].any()
        assert not view[:, : width // 2 - 4].any()


def test_slices_have_outlines_and_projections_have_not() -> None:
    given = volume((20, 40, 40), (1.0, 1.0, 1.0))
    grey = lambda panel: (panel == panel[..., :1]).all()  # noqa: E731
    assert grey(projections(given, 122))
    assert not grey(slices(given, 122))


def test_a_projection_sees_what_the_slices_miss() -> None:
    labels = np.zeros((1, 9, 40, 40), np.uint16)
    labels[0, 1, 3:6, 3:6] = 1
    given = Sample(labels, (1.0, 1.0, 1.0), labels.astype(np.float32))
    assert projections(given, 102)[6:10, 6:10].all()
    assert not slices(given, 102)[:80, :80].any()


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 30, 30), (300, 4, 4)])
def test_flat_and_long_volumes_are_drawn(shape: tuple[int, int, int]) -> None:
    for draw in (projections, slices):
        panel = draw(volume(shape, (1.0, 1.0, 1.0)), 320)
        assert max(panel.shape) == pytest.approx(320, abs=2)
        assert ((panel >= 0) & (panel <= 1)).all()


def test_every_structure_is_outlined_and_channels_have_colours() -> None:
    labels = np.zeros((2, 20, 20, 20), np.uint16)
    labels[0, 8:12, 2:8, 2:8], labels[1, 8:12, 12:18, 12:18] = 1, 2
    panel = slices(Sample(labels, (1.0, 1.0, 1.0), np.zeros((2, 20, 20, 20), np.float32)), 82)
    assert panel[:20, :20].any()
    assert panel[20:40, 20:40].any()
    assert projections(Sample(labels, (1.0, 1.0, 1.0), labels.astype(np.float32)), 82).shape == (82, 82, 3)
