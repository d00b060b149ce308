"""Allocation of a sample: Neyman's published case, floors, whole numbers, nothing above a stratum's size."""

import pytest

from watchfloor.science.sampling import AllocationError, allocate, neyman


def test_neymans_allocation_is_the_published_one():
    found = neyman(shares=[0.7, 0.2, 0.1], error_rates=[0.01, 0.05, 0.20], size=400)
    assert found.round(2).tolist() == [181.81, 113.78, 104.41]


def test_a_dearer_stratum_gives_less():
    # pulls 0.5·0.3/√1 and 0.5·0.3/√4: two thirds and one third
    found = neyman(shares=[0.5, 0.5], error_rates=[0.1, 0.1], size=90, costs=[1.0, 4.0])
    assert found.tolist() == pytest.approx([60.0, 30.0])


def test_without_expected_errors_neyman_falls_back_to_proportion():
    assert neyman(shares=[0.8, 0.2], error_rates=[0.0, 0.0], size=10).tolist() == [8.0, 2.0]


def test_every_stratum_keeps_its_floor_and_the_rest_follows_the_rule():
    # floors 5 + 5 + 3; the other 87 by 900 : 90
    assert allocate(populations={"a": 900, "b": 90, "c": 3}, size=100) == {"a": 84, "b": 13, "c": 3}
    equal = allocate(populations={"a": 900, "b": 90, "c": 3}, size=100, rule="equal")
    assert equal == {"a": 49, "b": 48, "c": 3}


def test_floors_that_ask_for_more_than_the_sample_make_it_grow():
    assert allocate(populations={"a": 50, "b": 50}, size=4) == {"a": 5, "b": 5}


def test_a_small_frame_is_taken_whole():
    assert allocate(populations={"a": 2, "b": 3}, size=100) == {"a": 2, "b": 3}
    assert allocate(populations={}, size=10) == {}


def test_an_unknown_rate_is_taken_for_the_most_careful():
    known = allocate(
        populations={"a": 100, "b": 100}, size=60, rule="neyman", error_rates={"a": 0.01}, floor=0
    )
    assert known["b"] > known["a"]


def test_an_unknown_rule_and_a_negative_size_are_refused():
    with pytest.raises(AllocationError):
        allocate(populations={"a": 100}, size=10, rule="luck")
    with pytest.raises(AllocationError):
        allocate(populations={"a": 100}, size=-1)
    with pytest.raises(ValueError, match="rates"):
        neyman(shares=[1.0], error_rates=[1.2], size=1)
