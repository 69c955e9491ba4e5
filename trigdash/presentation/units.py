"""Numbers as people read them: durations, ages, counts, money, sizes and clock times.

Units are short and lower case with a space before them; a number keeps three significant digits,
so that a column of one unit has one precision.
"""

from datetime import tzinfo

from trigdash.model.moment import LOCAL, local_at

MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

UNKNOWN = "–"
"""Shown for unknown values."""


def duration(ms: float) -> str:
    """How long something took: "360 ms", "4.73 s", "19.3 s", "14 m 02 s", "22 h 14 m", "3 d 04 h".

    Never negative: two clocks that differ a little are no reason to show a minus.
    """
    ms = max(ms, 0)
    # Compared after rounding, so that 9,999 ms is "10.0 s" and never "10.00 s".
    if round(ms) < 1000:
        return f"{round(ms)} ms"
    if round(ms / 1000, 2) < 10:
        return f"{ms / 1000:.2f} s"
    if round(ms / 1000, 1) < 60:
        return f"{ms / 1000:.1f} s"
    seconds = int(ms // 1000)
    seconds = max(seconds, 60)
    if seconds < 3600:
        return f"{seconds // 60} m {seconds % 60:02} s"
    if seconds < 86_400:
        return f"{seconds // 3600} h {seconds % 3600 // 60:02} m"
    return f"{seconds // 86_400} d {seconds % 86_400 // 3600:02} h"


def span(ms: float) -> str:
    """How long, in one unit and rounded down: "2 s", "44 s", "3 m", "22 h", "4 d"."""
    seconds = int(max(ms, 0) // 1000)
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} m"
    if seconds < 86_400:
        return f"{seconds // 3600} h"
    return f"{seconds // 86_400} d"


def until(ms: float) -> str:
    """How long to go, in one unit and rounded up: "in 4 m" stays until 3 minutes are left."""
    seconds = int(-(-max(ms, 0) // 1000))
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "m")):
        if seconds > size:
            return f"{-(-seconds // size)} {unit}"
    return f"{seconds} s"


def count(number: float) -> str:
    """A whole number with separators: "1,284"."""
    return f"{round(number):,}"


def short_count(number: float) -> str:
    """A number in at most five columns: "840", "3,412", "12.4k", "1.28M"."""
    if abs(number) < 10_000:
        return count(number)
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        # Half of the last digit shown is rounded up into the next unit.
        if abs(number) >= size * 0.9995:
            scaled = number / size
            digits = 2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0
            return f"{scaled:.{digits}f}{unit}"
    return count(number)


def cents(amount: float) -> str:
    """Money from cents: "0.0131¢" below a dollar, "$12.34" from there on."""
    return f"${amount / 100:,.2f}" if amount >= 100 else f"{amount:.4f}¢"


def size(number: float) -> str:
    """Bytes: "512 B", "1.40 kB", "75.2 kB", "128 MB"."""
    if number < 1000:
        return f"{round(number)} B"
    for unit in ("kB", "MB", "GB"):
        number /= 1000
        if number < 999.5:
            digits = 2 if number < 9.995 else 1 if number < 99.95 else 0
            return f"{number:.{digits}f} {unit}"
    return f"{number / 1000:.2f} TB"


def percent(share: float) -> str:
    """A share of one: "37 %"; what is neither nothing nor all never reads as such."""
    rounded = round(share * 100)
    if 0 < share < 1:
        rounded = min(max(rounded, 1), 99)
    return f"{rounded} %"


def factor_text(factor: float) -> str:
    """How many times as much: "2.4×", "12×"."""
    return f"{factor:.1f}×" if factor < 9.95 else f"{factor:.0f}×"


def clock_time(at_ms: float, zone: tzinfo = LOCAL, *, millis: bool = False) -> str:
    """The time of day, local unless a zone is given: "22:41:07" or "22:41:07.102"."""
    moment = local_at(at_ms / 1000, zone)
    text = f"{moment:%H:%M:%S}"
    return f"{text}.{moment.microsecond // 1000:03}" if millis else text


def day_text(at_ms: float, now_ms: float, zone: tzinfo = LOCAL) -> str:
    """The day of a moment that is not of today: "12 Nov", or "30 Dec 2025"; empty for today."""
    at, now = (local_at(ms / 1000, zone) for ms in (at_ms, now_ms))
    if at.date() == now.date():
        return ""
    day = f"{at.day} {_MONTHS[at.month - 1]}"
    return day if at.year == now.year else f"{day} {at.year}"


def date_time(at_ms: float, now_ms: float, zone: tzinfo = LOCAL, *, millis: bool = False) -> str:
    """The time of day, with its day where that is not today: "22:41:07", "12 Nov 22:41:07"."""
    day, clock = day_text(at_ms, now_ms, zone), clock_time(at_ms, zone, millis=millis)
    return f"{day} {clock}" if day else clock


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def plural(number: int, word: str, many: str | None = None) -> str:
    """A count and its word: "1 run", "312 runs"."""
    return f"{count(number)} {word if number == 1 else many or word + 's'}"
