"""What this process tells Prometheus about its HTTP; labels are templates, never raw paths."""

from __future__ import annotations

import asyncio
from typing import Final

from prometheus_client import Counter, Gauge, Histogram

REQUESTS: Final = Counter(
    "shangmen_http_requests", "HTTP requests answered.", ["method", "route", "status"]
)
LATENCY: Final = Histogram(
    "shangmen_http_request_seconds",
    "Time from the headers of a request to the end of its answer.",
    ["method", "route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 6),
)
IN_FLIGHT: Final = Gauge("shangmen_http_in_flight", "Requests that hold a place right now.")
SHED: Final = Counter("shangmen_http_shed", "Requests refused by a limit.", ["load", "reason"])
SLOW_HEADERS: Final = Counter(
    "shangmen_http_slow_headers", "Connections closed because no whole request came in time."
)
STREAMS: Final = Gauge("shangmen_streams", "Event streams that are open.")
STREAMS_ENDED: Final = Counter(
    "shangmen_streams_ended", "Event streams that the server ended.", ["reason"]
)


def _count_tasks() -> int:
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:  # asked from outside of the loop
        return 0


TASKS: Final = Gauge("shangmen_tasks", "Tasks of the event loop.")
TASKS.set_function(_count_tasks)
