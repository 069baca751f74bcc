"""The package as a whole: its examples run, its metadata tell the truth."""

from __future__ import annotations

import doctest
import re
import subprocess
import sys
from pathlib import Path

import casegraph

HERE = Path(__file__).parent
README = HERE.parent.parent / "README.md"


def test_the_example_of_the_package_runs() -> None:
    result = doctest.testmod(casegraph, optionflags=doctest.ELLIPSIS)
    assert result.attempted > 5
    assert result.failed == 0


def test_the_python_of_the_readme_runs() -> None:
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    cells = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    for cell in cells:
        exec(compile(cell, str(README), "exec"), {})


def test_a_notebook_cell() -> None:
    cell = """
import casegraph

book = casegraph.Casebook()
book.ingest(casegraph.sample_alerts())
book.add_indicators(casegraph.sample_indicators())
for incident in book.incidents():
    print(f"{incident.priority.score:5.1f}  {incident.title}")
incident = book.incidents()[0]
worst = incident.entities[0]
shown = [value._repr_html_() for value in (book, incident, book.explain(incident.id, worst.id))]
"""
    names: dict[str, object] = {}
    exec(cell, names)
    assert all("<table>" in html for html in names["shown"])


def test_the_floor_is_that_of_abi3() -> None:
    project = (HERE.parent / "pyproject.toml").read_text(encoding="utf-8")
    cargo = (HERE.parent / "Cargo.toml").read_text(encoding="utf-8")
    floor = re.search(r'requires-python = ">=3\.(\d+)"', project)
    abi3 = re.search(r'"abi3-py3(\d+)"', cargo)
    assert floor is not None
    assert abi3 is not None
    assert floor.group(1) == abi3.group(1)


def test_names() -> None:
    assert sorted(casegraph.__all__) == sorted(set(casegraph.__all__))
    assert all(hasattr(casegraph, name) for name in casegraph.__all__)
    assert re.fullmatch(r"\d+\.\d+\.\d+.*", casegraph.__version__)
    assert casegraph.FORMATS[0] == "graph-alerts"
    assert all(hasattr(casegraph.Casebook, verb) for verb in ("ingest", "queue", "explain", "as_of", "load"))


def test_the_parity_program_is_deterministic() -> None:
    runs = [subprocess.run([sys.executable, HERE / "parity.py"], check=True, capture_output=True) for _ in range(2)]
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stdout.startswith(b'{"schema":"casegraph.queue/1"')


def test_a_missing_native_half_says_what_to_do(tmp_path: Path) -> None:
    package = Path(casegraph.__file__).parent
    copy = tmp_path / "casegraph"
    copy.mkdir()
    for file in package.glob("*.py"):
        (copy / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    run = subprocess.run(
        [sys.executable, "-S", "-c", "import casegraph"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert "ImportError" in run.stderr
    assert "pip install" in run.stderr
