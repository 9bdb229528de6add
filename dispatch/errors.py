"""Every refusal the trade can utter, in one tree.

`slug` names the problem type (`/problems/<slug>`), `status` its HTTP code; `extras` are members
that the problem document carries besides its texts. The texts live in `config/texts`.
"""

from __future__ import annotations

from typing import ClassVar


class DispatchError(Exception):
    """The root: a refusal with a stable name, never a defect of ours."""

    slug: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, **extras: object) -> None:
        super().__init__(self.slug)
        self.extras: dict[str, object] = extras
        self.filling: dict[str, object] = {}
        """What stands in the texts only; the extras are members of the answer, too."""


class NotFound(DispatchError):
    """There is no such thing, or it is somebody else's: the answer is the same."""

    slug, status = "not-found", 404


class Unauthenticated(DispatchError):
    """No token, or one that is not (or no longer) good."""

    slug, status = "unauthenticated", 401


class WrongCode(DispatchError):
    """The one-time code does not match, has been used, burnt or is too old."""

    slug, status = "wrong-code", 401


class Forbidden(DispatchError):
    """The caller's role or permissions do not cover this."""

    slug, status = "forbidden", 403


class InvalidFields(DispatchError):
    """Fields of the request are refused; `errors` is a list of `{"loc": [...], "msg": "…"}`."""

    slug, status = "invalid-request", 422

    def __init__(self, *errors: tuple[tuple[str | int, ...], str], **filling: object) -> None:
        super().__init__(errors=[{"loc": list(loc), "msg": msg} for loc, msg in errors])
        self.filling.update(filling)


class RuleRefused(DispatchError):
    """A rule of home nursing refuses what the fields ask for; `errors` names each."""

    slug, status = "rule-refused", 422

    def __init__(self, *errors: tuple[tuple[str | int, ...], str], **filling: object) -> None:
        super().__init__(errors=[{"loc": list(loc), "msg": msg} for loc, msg in errors])
        self.filling.update(filling)


class StaleVersion(DispatchError):
    """`If-Match` names another version than the row's; `version` is the present one."""

    slug, status = "stale-version", 412


class IllegalTransition(DispatchError):
    """The lifecycle has no such move from here; carries `state`, `move` and the allowed `moves`."""

    slug, status = "illegal-transition", 409


class OfferTaken(DispatchError):
    """The seat was filled by somebody else, or the offer was withdrawn."""

    slug, status = "offer-taken", 409


class OfferExpired(DispatchError):
    """The offer's time ran out."""

    slug, status = "offer-expired", 410


class NurseBusy(DispatchError):
    """The nurse has another visit then, travel included."""

    slug, status = "nurse-busy", 409


class NotEligible(DispatchError):
    """A hard rule refuses this nurse for this order; `reasons` tells which."""

    slug, status = "not-eligible", 409


class PlanRefused(DispatchError):
    """Some changes of a plan cannot be made, so none was; `refused` tells which, and `reasons`."""

    slug, status = "plan-refused", 409


class NoEmptySeat(DispatchError):
    """Every seat of the order is filled or about to be."""

    slug, status = "no-empty-seat", 409


class NotTracking(DispatchError):
    """The visit is not on its way, so there is no position to show."""

    slug, status = "not-tracking", 409


class AlreadyRated(DispatchError):
    """An order is rated once."""

    slug, status = "already-rated", 409


class AlreadyConfirmed(DispatchError):
    """An order is signed once."""

    slug, status = "already-confirmed", 409


class NotFinished(DispatchError):
    """Only a fulfilled order can be rated or signed."""

    slug, status = "not-finished", 409


class AlreadySettled(DispatchError):
    """What is done with is not done with twice."""

    slug, status = "already-settled", 409


class NothingHeld(DispatchError):
    """No nurse is held from anything because of this."""

    slug, status = "nothing-held", 409


class RelayUnavailable(DispatchError):
    """No relay of calls is connected here, or all of its numbers are in use."""

    slug, status = "relay-unavailable", 409


class InUse(DispatchError):
    """It cannot go while an open order needs it."""

    slug, status = "in-use", 409


class AlreadyRegistered(DispatchError):
    """The phone, staff number or code belongs to somebody already; `field` names it."""

    slug, status = "already-registered", 409


class OutsideGeofence(DispatchError):
    """The phone is further from the door than the policy allows; `distance_m`, `limit_m`."""

    slug, status = "outside-geofence", 422


class RecordIncomplete(DispatchError):
    """What these services ask to be recorded is not; `errors` names each field."""

    slug, status = "record-incomplete", 422

    def __init__(self, *errors: tuple[tuple[str | int, ...], str], **extras: object) -> None:
        super().__init__(**extras)
        self.extras["errors"] = [{"loc": list(loc), "msg": msg} for loc, msg in errors]


class UnsupportedFile(DispatchError):
    """The file's content is of no type that is taken here; `media_types` lists those that are."""

    slug, status = "unsupported-file", 415


class ShiftsOverlap(DispatchError):
    """Two shifts of one nurse share time."""

    slug, status = "shifts-overlap", 422


class SignatureRefused(DispatchError):
    """A message that does not carry its sender's signature, or an old one."""

    slug, status = "signature-refused", 403


class EventConflict(DispatchError):
    """A payment provider told the same event twice, with different contents."""

    slug, status = "event-conflict", 409


class ArrearsOutstanding(DispatchError):
    """The account has bills that should have been paid; `bill_ids` are the oldest of them."""

    slug, status = "arrears-outstanding", 409


class NothingToPay(DispatchError):
    """The bill is paid, void, or not fixed yet."""

    slug, status = "nothing-to-pay", 409


class PaymentUnavailable(DispatchError):
    """No payment provider is connected here."""

    slug, status = "payment-unavailable", 409


class ChangePending(DispatchError):
    """Another change of price of this order waits for its answer."""

    slug, status = "change-pending", 409


class ChangeAnswered(DispatchError):
    """The change of price has its answer; `state` tells which."""

    slug, status = "change-answered", 409


class NotWaiting(DispatchError):
    """The order does not wait for somebody to be at home."""

    slug, status = "not-waiting", 409


class RecordLocked(DispatchError):
    """There was an emergency at this visit: nothing of its record changes before its review."""

    slug, status = "record-locked", 409


class VisitUnderWay(DispatchError):
    """The visit has not ended yet."""

    slug, status = "visit-under-way", 409


class SecondPersonNeeded(DispatchError):
    """Somebody else must decide: this is the caller's own proposal or decision."""

    slug, status = "second-person-needed", 409


class RetryKeyMissing(DispatchError):
    """This call needs an `Idempotency-Key`."""

    slug, status = "idempotency-key-missing", 428


class RetryKeyReused(DispatchError):
    """The key was used before with another body."""

    slug, status = "idempotency-key-reused", 422


class RequestInProgress(DispatchError):
    """A request with this key is still under way."""

    slug, status = "request-in-progress", 409


class TooManyRequests(DispatchError):
    """The account or address asks too often; `retry_after_s`."""

    slug, status = "too-many-requests", 429


class Overloaded(DispatchError):
    """Load is being shed, or the database cannot be reached; `retry_after_s`."""

    slug, status = "overloaded", 503
