"""The server's log: lines for people or JSON for programs, in one format, whichever library writes them.

A line is an event with fields. Nothing is written before `start_logs`, except warnings and errors.
"""

import logging
import sys
from contextlib import AbstractContextManager
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

# These write addresses with their queries, where tokens may be. The middleware writes one line for each request.
_SPEAKS_OF_REQUESTS = ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi", "websockets")
_TRACEBACK = "exception"


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """Return the logger of a module, whose lines have fields: `log.info("prediction", outcome="ok")`."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def log_fields(**fields: str) -> AbstractContextManager[None]:
    """Add fields to all lines of this thread or request while the block runs."""
    return structlog.contextvars.bound_contextvars(**fields)


def start_logs(*, as_json: bool) -> None:
    """Write the lines of all loggers to standard error: for people or, with `as_json`, a JSON object each.

    Handlers that libraries have added to their own loggers are removed. Call it again after more libraries are loaded.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_make_formatter(as_json=as_json))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    for logger in list(logging.root.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True
    logging.getLogger("lib").setLevel(logging.INFO)
    for name in _SPEAKS_OF_REQUESTS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _make_formatter(*, as_json: bool) -> logging.Formatter:
    writers = [structlog.processors.JSONRenderer()] if as_json else [_escape, _make_console()]
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_FIELDS, processors=[remove, structlog.processors.format_exc_info, *writers]
    )


def _make_console() -> structlog.dev.ConsoleRenderer:
    # Other tracebacks show the values of variables, such as tokens.
    return structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)


def _escape(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Escape what could forge a line or command a terminal: names in lines come from strangers."""
    return {name: _escape_value(name, value) for name, value in event.items()}


def _escape_value(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    lines = value.split("\n") if name == _TRACEBACK else [value]
    return "\n".join("".join(map(_escape_character, line)) for line in lines)


def _escape_character(character: str) -> str:
    return character if character.isprintable() else character.encode("unicode_escape").decode("ascii")


_FIELDS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]

# Through the standard library's loggers: their levels and handlers count for all lines.
structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        *_FIELDS,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
