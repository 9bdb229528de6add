"""Visits as a calendar program reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from icalendar import Calendar, Event

from api import reference
from api.wire import Call
from dispatch.lifecycles import VISIT, VisitState
from dispatch.records.orders import Order
from dispatch.records.visits import Visit

# How often a program may well look again.
LOOK_AGAIN: Final = timedelta(minutes=30)
NOT_TAKING_PLACE: Final = VISIT.final - {VisitState.COMPLETED}


def calendar(booked: Iterable[tuple[Visit, Order]], call: Call) -> bytes:
    """A whole calendar: each visit once, those that do not take place as cancelled."""
    made = Calendar()
    made.add("prodid", "-//Shangmen//EN")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", "Shangmen" if call.language == "en" else "上门护理")
    made.add("refresh-interval", LOOK_AGAIN, parameters={"value": "DURATION"})
    for visit, order in booked:
        made.add_component(_event(visit, order, call))
    return bytes(made.to_ical())


def _event(visit: Visit, order: Order, call: Call) -> Event:
    names = [call.catalogue.get(code).name(call.language) for code in order.service_codes]
    county = reference.served_areas().by_code[order.county]
    made = Event()
    made.add("uid", f"{visit.id}@shangmen")
    made.add("dtstamp", visit.created_at)
    made.add("dtstart", visit.planned_start)
    made.add("dtend", visit.planned_end)
    made.add("sequence", visit.version)
    made.add("summary", ", ".join(names))
    made.add("location", county.name_en if call.language == "en" else county.name_zh)
    made.add("status", "CANCELLED" if visit.state in NOT_TAKING_PLACE else "CONFIRMED")
    made.add("class", "PRIVATE")
    if call.settings.public_url is not None:
        made.add("url", f"{call.settings.public_url}/nurse/visits/{visit.id}")
    return made
