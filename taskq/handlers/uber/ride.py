"""Which ride is wanted, and what makes two of them the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo

from taskq import durations
from taskq.errors import BadInput, TaskFailed
from taskq.handlers.uber import places
from taskq.handlers.uber.currencies import CODES
from taskq.handlers.uber.fares import Limit
from taskq.handlers.uber.places import Place
from taskq.registry import SUBMITTED_AT, Option

_EXPIRES = "10m"
"""A late taxi is a wrong taxi."""
_LEAST_ADDRESS = 3
_LONGEST = timedelta(days=30)


def _has_words(text: str) -> str:
    if not places.words(text):
        raise ValueError("this has neither letters nor digits")
    return text


def _is_address(text: str) -> str:
    if len(_has_words(text)) < _LEAST_ADDRESS:
        raise ValueError("this is too short for an address")
    return text


Name = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=60),
    AfterValidator(_has_words),
]
Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=200),
    AfterValidator(_is_address),
]


def _ends_elsewhere(address: str, info: ValidationInfo) -> str:
    if places.words(address) == places.words(info.data.get("from_address", "")):
        raise ValueError("the ride would end where it begins")
    return address


def _is_whole(lon: float | None, info: ValidationInfo) -> float | None:
    lat = str(info.field_name).replace("_lon", "_lat")
    if lat in info.data and (info.data[lat] is None) != (lon is None):
        raise ValueError("a place is two numbers, latitude and longitude: give both, or neither")
    return lon


def _is_near(lon: float | None, info: ValidationInfo) -> float | None:
    from_lat, from_lon, to_lat = map(info.data.get, ("from_lat", "from_lon", "to_lat"))
    if lon is None or from_lat is None or from_lon is None or to_lat is None:
        return lon
    begin, end = (from_lat, from_lon), (to_lat, lon)
    if places.is_same_point(begin, end):
        raise ValueError("the ride would end where it begins")
    if (far := places.miles(begin, end)) > places.FARTHEST_MILES:
        raise ValueError(
            f"it is {far:.0f} miles to there, and a ride goes at most {places.FARTHEST_MILES:.0f}"
        )
    return lon


def _is_limited(amount: Decimal | None, info: ValidationInfo) -> Decimal | None:
    any_fare = bool(info.data.get("any_fare"))
    if amount is not None and any_fare:
        raise ValueError("the ride has a limit, or any fare will do (--any-fare): choose one")
    if amount is None and not any_fare:
        raise ValueError(
            "say the most that the ride may cost, or that any fare will do (--any-fare)"
        )
    return amount


def _is_ahead(when: datetime | None, info: ValidationInfo) -> datetime | None:
    """A time without a zone is this machine's; one that is past is refused when it is asked for."""
    if when is None:
        return None
    try:
        when = when.astimezone()
    except (ValueError, OverflowError, OSError):
        raise ValueError("this is no time that can be meant") from None
    asked_at = (info.context or {}).get(SUBMITTED_AT)
    if asked_at is not None and when <= asked_at:
        raise ValueError("this time has passed")
    if asked_at is not None and when > asked_at + _LONGEST:
        raise ValueError(f"this is more than {_LONGEST.days} days ahead")
    return when


def _is_duration(text: str | None) -> str | None:
    if text is not None:
        try:
            durations.parse(text, "--expires")
        except BadInput as error:
            raise ValueError(str(error).removeprefix("--expires: ")) from None
    return text


def _is_read(code: str) -> str:
    if code.upper() not in CODES:
        raise ValueError("use the ISO code of a currency in which fares are read, such as EUR")
    return code.upper()


Latitude = Annotated[
    float | None,
    Field(
        ge=-90,
        le=90,
        description="latitude of that address; with its longitude it decides, not the words",
    ),
]
Longitude = Annotated[
    float | None,
    Field(ge=-180, le=180, description="longitude of that address", validate_default=True),
    AfterValidator(_is_whole),
]


class UberRide(BaseModel):
    """One ride between two places, at most so dear."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_address: Annotated[
        Address,
        Option("--from"),
        Field(description="address where it begins, as the app writes it (required)"),
    ]
    to_address: Annotated[
        Address,
        Option("--to"),
        AfterValidator(_ends_elsewhere),
        Field(description="address where it ends, as the app writes it (required)"),
    ]
    from_lat: Latitude = None
    from_lon: Longitude = None
    to_lat: Latitude = None
    to_lon: Annotated[Longitude, AfterValidator(_is_near)] = None
    product: Annotated[Name, Field(description="its exact name, else UberX")] = "UberX"
    any_fare: Annotated[bool, Field(description="whatever it costs")] = False
    max_fare: Annotated[
        Decimal | None,
        Option("--max-fare", in_examples=True),
        Field(
            gt=0,
            lt=10**9,
            description="pay no more than this (required, or --any-fare)",
            validate_default=True,
        ),
        AfterValidator(_is_limited),
    ] = None
    currency: Annotated[
        str, AfterValidator(_is_read), Field(description="currency of --max-fare, else USD")
    ] = "USD"
    payment: Annotated[
        Name | None, Field(description="way to pay, such as Visa 4242; else the one that is chosen")
    ] = None
    seats: Annotated[
        int | None, Field(ge=1, le=2, description="how many, where rides are shared")
    ] = None
    pickup_at: Annotated[
        datetime | None,
        AfterValidator(_is_ahead),
        Field(description="schedule it for this time (ISO), else now"),
    ] = None
    expires: Annotated[
        str | None,
        AfterValidator(_is_duration),
        Field(description=f"do not start later than this after submit; else {_EXPIRES}"),
    ] = None
    dry_run: Annotated[bool, Field(description="do everything up to the request")] = False

    @property
    def pickup(self) -> Place:
        """Where it begins."""
        return _place(self.from_address, self.from_lat, self.from_lon)

    @property
    def drop(self) -> Place:
        """Where it ends."""
        return _place(self.to_address, self.to_lat, self.to_lon)

    @property
    def limit(self) -> Limit:
        """What it may cost."""
        return Limit(self.max_fare, self.currency)


def _place(address: str, lat: float | None, lon: float | None) -> Place:
    return Place(address, None if lat is None or lon is None else (lat, lon))


def in_time(ride: UberRide, asked_at: datetime) -> None:
    """See that it is not too late for a ride that was asked for at *asked_at*.

    Raises:
        TaskFailed: it is; a late ride is a wrong ride.
    """
    now = datetime.now(UTC)
    if ride.pickup_at is not None and now >= ride.pickup_at:
        raise TaskFailed(
            f"the pickup time {ride.pickup_at:%Y-%m-%d %H:%M} has passed; nothing was booked"
        )
    if ride.pickup_at is not None and ride.expires is None:
        return
    expires = ride.expires or _EXPIRES
    if now > asked_at + durations.parse(expires, "--expires"):
        raise TaskFailed(
            f"this ride was asked for more than {expires} ago, and a late ride is a wrong ride; "
            "nothing was booked"
        )


def identity(ride: UberRide) -> str:
    """The same way at the same minute is the same ride, in whatever product."""
    at = ride.pickup_at
    when = at.astimezone(UTC).isoformat(timespec="minutes") if at else "now"
    ends = [" ".join(places.words(text)) for text in (ride.from_address, ride.to_address)]
    return "|".join((*ends, when))


def words(_: UberRide) -> dict[str, Any]:
    """The words of the plan's messages: there are none."""
    return {}
