from __future__ import annotations

import pytest
from asyncua import ua
from asyncua.ua.status_codes import StatusCodes

from controller.core.readings import Quality
from controller.ports import Point, PointType
from drivers.opcua_picture import LAST_NUMBER, Picture
from drivers.outcomes import NoConnection, Unfit

A = Point("a", None, PointType.I32)
B = Point("b", None, PointType.I32)
GOOD = ua.StatusCode(ua.UInt32(StatusCodes.Good))
UNKNOWN = ua.StatusCode(ua.UInt32(StatusCodes.BadNodeIdUnknown))


def picture(*statuses: ua.StatusCode) -> Picture:
    return Picture((A, B), (0.2, 0.5), statuses or (GOOD, GOOD))


def publication(number: int, *changes: tuple[int, int], more: bool = False) -> ua.PublishResult:
    items = [
        ua.MonitoredItemNotification(ClientHandle=handle, Value=ua.DataValue(Value=ua.Variant(value)))
        for handle, value in changes
    ]
    data = [ua.DataChangeNotification(MonitoredItems=items)] if items else []
    message = ua.NotificationMessage(SequenceNumber=number, NotificationData=data)
    return ua.PublishResult(MoreNotifications=more, NotificationMessage=message)


def test_change_is_as_young_as_its_arrival():
    (readings,) = picture().take(publication(1, (0, 7)), 10.0)
    assert [(name, reading.value, reading.taken) for name, reading in readings.items()] == [("a", 7, 10.0)]


def test_changes_of_one_point_come_one_after_the_other_and_the_last_is_all_that_is_known():
    steps = picture().take(publication(1, (0, 7), (1, 1), (0, 8)), 10.0)
    assert [{name: reading.value for name, reading in step.items()} for step in steps] == [
        {"a": 7, "b": 1},
        {"a": 8, "b": 1},
    ]


def test_r33_unchanged_point_is_as_young_as_its_revised_sampling():
    seen = picture()
    seen.take(publication(1, (0, 7), (1, 1)), 10.0)
    (readings,) = seen.take(publication(2), 11.0)
    assert (readings["a"].taken, readings["b"].taken) == (10.8, 10.5)


def test_unchanged_point_never_gets_older():
    seen = picture()
    seen.take(publication(1, (1, 1)), 10.0)
    (readings,) = seen.take(publication(2), 10.1)
    assert readings["b"].taken == 10.0


def test_part_of_a_publication_makes_nothing_younger():
    """Until the last part is here, the change that is missing may be in it."""
    seen = picture()
    seen.take(publication(1, (0, 7), (1, 1)), 10.0)
    (readings,) = seen.take(publication(2, (0, 8), more=True), 11.0)
    assert (readings["a"].taken, readings["b"].taken) == (11.0, 10.0)


def test_point_that_is_not_watched_is_bad_from_the_first_publication_on():
    (readings,) = picture(GOOD, UNKNOWN).take(publication(1), 10.0)
    assert readings["b"].quality is Quality.BAD
    assert "a" not in readings


@pytest.mark.parametrize(("last", "number"), [(1, 2), (LAST_NUMBER, 1)])
def test_numbers_follow_one_another_and_roll_over_to_1(last: int, number: int):
    seen = picture()
    seen.take(publication(last, (0, 7)), 10.0)
    seen.take(publication(number, (0, 8)), 10.1)


def test_keepalive_carries_the_next_number_and_does_not_use_it_up():
    seen = picture()
    seen.take(publication(1, (0, 7)), 10.0)
    seen.take(publication(2), 10.1)
    seen.take(publication(2, (0, 8)), 10.2)


def test_lost_publication_is_noticed():
    seen = picture()
    seen.take(publication(1, (0, 7)), 10.0)
    with pytest.raises(Unfit, match="publication 3 came after 1"):
        seen.take(publication(3, (0, 8)), 10.1)


def test_subscription_that_the_server_ends_is_lost():
    ended = publication(1)
    status = ua.StatusChangeNotification(Status=ua.StatusCode(ua.UInt32(StatusCodes.BadTimeout)))
    ended.NotificationMessage.NotificationData = [status]
    with pytest.raises(NoConnection, match="ended the subscription: BadTimeout"):
        picture().take(ended, 10.0)


def test_handle_that_nobody_gave_is_passed_over():
    assert picture().take(publication(1, (9, 7)), 10.0) == [{}]
