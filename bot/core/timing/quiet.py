"""The quiet hours, by the clock on the wall of those who sleep."""

from datetime import UTC, datetime, time, timedelta, tzinfo

from bot.core.timing.wall import first_at, last_at

_DAY = timedelta(days=1)


def quiet_until(quiet: str, now: datetime, zone: tzinfo) -> datetime | None:
    """When the quiet hours (`22:00-07:00`) end in which `now` lies, in UTC; None outside of them, or if there are none.

    They begin with the first minute and end before the last. One night is one stretch, even if the clock is set back in
    it: from the first time that the clock shows the beginning to the last time that it shows the end. Otherwise a night
    until 2:30 would end, and begin again half an hour later as the clock goes from 3:00 to 2:00.
    """
    moment = now.astimezone(UTC)
    while (end := _end_of_span(quiet, moment, zone)) is not None:
        moment = end  # which may be the beginning of the next span, where the clock jumps over the time between
    return moment if moment > now else None


def _end_of_span(quiet: str, moment: datetime, zone: tzinfo) -> datetime | None:
    """When the span ends in which the moment lies; None if it lies in none."""
    if not quiet:
        return None
    start, end = map(time.fromisoformat, quiet.split("-"))
    today = moment.astimezone(zone).date()
    # Tomorrow's span may have begun too: where a clock is set back just after midnight, it is yesterday once more.
    for day in (today - _DAY, today, today + _DAY):
        ends = last_at(datetime.combine(day + _DAY if end < start else day, end), zone)
        if first_at(datetime.combine(day, start), zone) <= moment < ends:
            return ends
    return None
