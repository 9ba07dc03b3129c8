"""What the pytest plugin gives to a test: a site that runs, its devices, its orders, and the street around it.

AssertionError
└── SiteFailure       the site did not do what the test asked of it; says what it shows in place of that
    ├── OrderRefused  an order was refused; `refusals` has the rules
    ├── OrderNotDone  an order was accepted and did not end as confirmed
    └── NotSeen       what was waited for did not come in time
StartFailed           the site could not be started, or its processes have ended; has their last lines
Mistake (ValueError)  the test asks for what is not there: a device, a loop, a trouble of that name
"""

from __future__ import annotations

from simulators.testing.answers import Alarm, Record, Refusal, Refusals
from simulators.testing.device import Device
from simulators.testing.errors import Mistake, NotSeen, OrderNotDone, OrderRefused, SiteFailure, StartFailed
from simulators.testing.orders import Order, Passage
from simulators.testing.site import Site
from simulators.testing.street import Trouble
from simulators.testing.world import World

__all__ = [
    "Alarm",
    "Device",
    "Mistake",
    "NotSeen",
    "Order",
    "OrderNotDone",
    "OrderRefused",
    "Passage",
    "Record",
    "Refusal",
    "Refusals",
    "Site",
    "SiteFailure",
    "StartFailed",
    "Trouble",
    "World",
]
