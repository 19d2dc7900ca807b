"""Serving: which processes the program consists of, and where it can be reached."""

import errno
import signal
import socket
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from app.settings import Settings
from app.supervisor import ROOT, Child, Say, supervise
from core.errors import UserError

ANY_ADDRESS = {"", "0.0.0.0", "::"}
LAST_PORT = 65535


def children(settings: Settings) -> list[Child]:
    """The processes the program consists of."""
    return [_web(settings), _worker()]


def _web(settings: Settings) -> Child:
    address = address_to_open(settings)
    health = f"{_address_to_ask(settings)}/_stcore/health"
    command = (
        *(sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py")),
        f"--server.port={settings.port}",
        f"--server.address={settings.address}",
        "--server.headless=true",
    )
    return Child("web", command, lambda: _answers_ok(health), f"Halfseen is at {address}")


def _worker() -> Child:
    # Without a worker the pages are still of use, so its death never ends them.
    return Child("worker", (sys.executable, "-m", "app", "worker"), lambda: True, "", needed=False)


def address_to_open(settings: Settings) -> str:
    """What a person on this machine types into a browser."""
    here = settings.address in ANY_ADDRESS | {"127.0.0.1", "::1"}
    return f"http://{'localhost' if here else _in_url(settings.address)}:{settings.port}"


def _address_to_ask(settings: Settings) -> str:
    # `localhost` may mean ::1 first, where nobody listens.
    host = "127.0.0.1" if settings.address in ANY_ADDRESS else settings.address
    return f"http://{_in_url(host)}:{settings.port}"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _answers_ok(url: str) -> bool:
    # Every unknown path answers 200 as well, so the body decides.
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False


def run(settings: Settings, *, say: Say) -> None:
    """Serve until asked to stop (SIGINT, SIGTERM).

    Args:
        say: told the address once it answers, and of every restart.

    Raises:
        UserError: the address cannot be used, or a process keeps dying before it answers.
    """
    check_address(settings.address, settings.port)
    with _stop_signals() as stop:
        supervise(children(settings), stop=stop, say=say, data_dir=settings.data_dir)


def check_address(host: str, port: int) -> None:
    """Raise UserError unless the program may listen there."""
    if not 0 < port <= LAST_PORT:
        # getaddrinfo would take it modulo 65536.
        raise UserError(f"{port} is no port.", remedy=f"Set PORT to 1024..{LAST_PORT}.")
    try:
        family, kind, _, _, place = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind) as trial:
            # As the web server itself does: a port just left is free.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(place)
            trial.listen()
    except OSError as error:
        raise _address_error(error, host, port) from error


def _address_error(error: OSError, host: str, port: int) -> UserError:
    if error.errno == errno.EADDRINUSE:
        return UserError(
            f"Port {port} is in use.", remedy=f"Choose another, e.g. PORT={port + 1} make run."
        )
    if error.errno == errno.EACCES:
        return UserError(
            f"Port {port} needs an administrator's rights.", remedy="Set PORT to 1024 or more."
        )
    return UserError(
        f"Nothing can listen at {host} port {port}: {error}.",
        remedy="Set HALFSEEN_ADDRESS to an address of this machine.",
    )


@contextmanager
def _stop_signals() -> Iterator[threading.Event]:
    """An event that SIGINT and SIGTERM set while inside."""
    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
