"""Records to look at, and a browser to look with."""

import http.client
import importlib.util
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import orjson
import pytest

from gaseol.viewer import Viewer

ROOT = Path(__file__).resolve().parents[2]
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip


def load(name: str, path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def ledger() -> ModuleType:
    """The maker of small but complete records."""
    return load("gaseol_view_ledger", ROOT / "tests" / "traces" / "ledger.py")


@pytest.fixture(scope="session")
def hostile_maker() -> ModuleType:
    return load("gaseol_view_hostile", Path(__file__).with_name("hostile.py"))


@pytest.fixture(scope="session")
def large_maker() -> ModuleType:
    """The benchmark that writes large records and looks at them."""
    return load("gaseol_view_large", ROOT / "benchmarks" / "viewer_open.py")


@pytest.fixture(scope="session")
def sealed(ledger, tmp_path_factory) -> Path:
    """A sealed run that no test changes."""
    return ledger.write(tmp_path_factory.mktemp("view") / "made")


@pytest.fixture(scope="session")
def study(ledger, tmp_path_factory) -> Path:
    """A whole study in small, with named cases, matched pairs, an open end and a check."""
    maker = load("gaseol_view_study", ROOT / "tests" / "traces" / "study.py")
    return maker.write(ledger, tmp_path_factory.mktemp("study") / "study")


@pytest.fixture
def run(sealed, tmp_path) -> Path:
    """A copy of the sealed run, to be reviewed or changed."""
    return Path(shutil.copytree(sealed, tmp_path / "made"))


@pytest.fixture(scope="session")
def hostile(hostile_maker, tmp_path_factory) -> Path:
    """A run whose every word is an attack."""
    return hostile_maker.write(tmp_path_factory.mktemp("hostile") / "hostile")


@pytest.fixture
def serve() -> Iterator[Any]:
    """Start viewers, and stop them at the end."""
    started: list[tuple[Viewer, threading.Thread]] = []

    def go(*arguments: Any, **options: Any) -> Viewer:
        viewer = Viewer(*arguments, **options)
        thread = threading.Thread(target=viewer.serve, daemon=True)
        thread.start()
        started.append((viewer, thread))
        return viewer

    yield go
    for viewer, thread in started:
        viewer.stop()
        thread.join()
        viewer.close()


class Caller:
    """Asks a viewer as a browser, or as somebody who should not."""

    def __init__(self, viewer: Viewer) -> None:
        self.viewer = viewer
        self.host = f"127.0.0.1:{viewer.port}"

    def __call__(self, path, method="GET", body=None, token=True, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.viewer.port, timeout=10)
        given = {"Host": self.host, **{k.replace("_", "-"): v for k, v in headers.items()}}
        if token:
            given.setdefault("X-Gaseol-Token", self.viewer.token)
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in given.items():
            if value is not None:
                connection.putheader(name, value)
        if body is not None and "Content-Length" not in given:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return answer.status, content, answer.headers

    def post(self, said, path="/run/made/api/reviews", **headers):
        body = said if isinstance(said, bytes) else orjson.dumps(said)
        given = {"Origin": f"http://{self.host}", "Content_Type": "application/json", **headers}
        return self(path, "POST", body, **given)


@pytest.fixture
def caller() -> type[Caller]:
    """What asks a viewer."""
    return Caller


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium, or a reason why there is none."""
    driver = pytest.importorskip(
        "playwright.sync_api", reason="NOT TESTED in a browser: pip install 'gaseol[browser]'"
    )
    binary = next((p for n in ("chromium", "chromium-browser", "google-chrome")
                   if (p := shutil.which(n))), None)  # fmt: skip
    if binary is None:
        pytest.skip("NOT TESTED in a browser: no chromium on the path")
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=binary, args=FLAGS)
        yield browser
        browser.close()


class Watched:
    """A page, and what it said, asked for and opened that it should not have."""

    def __init__(self, context: Any) -> None:
        self.context = context
        self.page = context.new_page()
        self.trouble: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.trouble.append(f"error: {error}"))
        self.page.on("dialog", self._opened)
        self.page.on("popup", lambda page: self.trouble.append(f"popup: {page.url}"))
        context.on("request", lambda request: self._asked(request.url))

    def _said(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.trouble.append(f"console {message.type}: {message.text}")

    def _opened(self, dialog: Any) -> None:
        self.trouble.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, address: str) -> None:
        self.asked.append(address)
        if not address.startswith(("http://127.0.0.1:", "file://", "data:", "blob:")):
            self.trouble.append(f"asked for {address}")

    def open(self, address: str) -> Any:
        self.page.goto(address)
        self.page.wait_for_selector("html[data-ready]", state="attached", timeout=20_000)
        return self.page


@pytest.fixture
def watch(browser) -> Iterator[Any]:
    """Open pages; at the end nothing may have been wrong with any of them."""
    opened: list[Watched] = []

    def go(**options: Any) -> Watched:
        settings = {"viewport": {"width": 1280, "height": 900}, **options}
        opened.append(Watched(browser.new_context(**settings)))
        return opened[-1]

    yield go
    trouble = [what for watched in opened for what in watched.trouble]
    for watched in opened:
        watched.context.close()
    assert not trouble, trouble
