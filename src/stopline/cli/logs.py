"""Log lines on stderr: for people, or one JSON object per line."""

import json
import logging
import sys
from datetime import UTC, datetime


class ForPeople(logging.Formatter):
    """`14:30:01 WARNING runtime.market: no quote for 30 s`, in UTC."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line, and a traceback below it where there is one."""
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        line = f"{time} {record.levelname} {record.name.removeprefix('stopline.')}: {record.getMessage()}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


class AsJson(logging.Formatter):
    """{"time", "level", "logger", "message", "exception"}."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one JSON object on one line."""
        said = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False)


def start_logging(level: str, *, as_json: bool) -> None:
    """Send log lines to stderr; libraries speak up from warnings on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson() if as_json else ForPeople())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("stopline").setLevel(level.upper())
    logging.captureWarnings(True)
