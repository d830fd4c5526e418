"""The rate limit: so many requests in any minute that begins with a request, said in headers."""

from typing import Final

from stopline.model.numbers import SECOND, Nanos

USUAL: Final = 200
WINDOW: Final[Nanos] = 60 * SECOND


class RateLimit:
    """Counts requests. With `most` 0 there is no limit."""

    def __init__(self, most: int = USUAL) -> None:
        self.most = most
        self._began_at: Nanos = -WINDOW
        self._used = 0

    def take(self, at: Nanos) -> bool:
        """Count a request; return whether it is within the limit."""
        if at - self._began_at >= WINDOW or at < self._began_at:
            self._began_at, self._used = at, 0
        self._used += 1
        return not self.most or self._used <= self.most

    def headers(self) -> list[tuple[bytes, bytes]]:
        """Return what every answer says of the limit; `Reset` is in Unix seconds."""
        if not self.most:
            return []
        left = max(self.most - self._used, 0)
        resets = (self._began_at + WINDOW) // SECOND
        return [
            (b"x-ratelimit-limit", b"%d" % self.most),
            (b"x-ratelimit-remaining", b"%d" % left),
            (b"x-ratelimit-reset", b"%d" % resets),
        ]
