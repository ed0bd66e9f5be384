"""Borders of objects."""

from __future__ import annotations

import numpy as np

from cellsim.masks.boundaries import boundaries, contacts


def test_a_border_is_two_pixels_wide_and_centred() -> None:
    labels = np.array([[1, 1, 1, 2, 2, 2]] * 2, np.uint16)
    np.testing.assert_array_equal(boundaries(labels), [[0, 0, 1, 1, 0, 0]] * 2)


def test_both_sides_of_the_edge_of_an_object_are_border() -> None:
    labels = np.zeros((5, 5), np.uint16)
    labels[2, 2] = 7
    np.testing.assert_array_equal(
        boundaries(labels),
        [[0, 0, 0, 0, 0], [0, 0, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 0, 0], [0, 0, 0, 0, 0]],
    )


def test_the_edge_of_the_canvas_is_no_border() -> None:
    assert not boundaries(np.full((3, 4), 5, np.uint16)).any()


def test_corners_do_not_touch() -> None:
    labels = np.array([[1, 0], [0, 0]], np.uint16)
    np.testing.assert_array_equal(boundaries(labels), [[1, 1], [1, 0]])


def test_planes_are_neighbours_in_3d() -> None:
    labels = np.zeros((3, 1, 2), np.uint16)
    labels[0] = 1
    labels.flags.writeable = False
    np.testing.assert_array_equal(boundaries(labels)[:, 0], [[1, 1], [1, 1], [0, 0]])


def test_a_contact_is_on_both_sides_and_not_towards_the_background() -> None:
    labels = np.array([[0, 1, 1, 2, 2, 0, 3]] * 2, np.uint16)
    np.testing.assert_array_equal(contacts(labels), [[0, 0, 1, 1, 0, 0, 0]] * 2)


def test_objects_are_in_contact_by_faces_only() -> None:
    labels = np.array([[1, 0], [0, 2]], np.uint16)
    assert not contacts(labels).any()
    assert contacts(np.array([[1, 0], [1, 2]], np.uint16)).sum() == 2


def test_objects_in_3d_are_in_contact_along_every_axis() -> None:
    for axis in range(3):
        labels = np.ones((4, 4, 4), np.uint16)
        np.moveaxis(labels, axis, 0)[2:] = 2
        labels.flags.writeable = False
        found = np.moveaxis(contacts(labels), axis, 0)
        assert found[1:3].all()
        assert not found[[0, 3]].any()
