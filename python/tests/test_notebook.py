"""The notebook that tells the story of the shipped incident, executed as an analyst would."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")

NOTEBOOK = Path(__file__).parents[1] / "examples/incident.ipynb"


@pytest.fixture(scope="module")
def outputs() -> list[tuple[str, Any]]:
    """Each code cell with what it shows."""
    book = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(book, timeout=120, kernel_name="python3").execute()
    return [(cell.source, cell.outputs) for cell in book.cells if cell.cell_type == "code"]


def html(outputs: list[tuple[str, Any]], last: str) -> str:
    """What the cell shows whose last line ends so."""
    shown = next(shown for code, shown in outputs if code.endswith(last))
    text: str = shown[0].data["text/html"]
    return text


def test_every_cell_shows_something(outputs: list[tuple[str, Any]]) -> None:
    assert len(outputs) >= 12
    for source, shown in outputs:
        assert len(shown) == 1, source
        assert shown[0].output_type == "execute_result", source


def test_it_tells_the_story(outputs: list[tuple[str, Any]]) -> None:
    assert "17 records" in html(outputs, "\nreport")
    assert "2 incidents" in html(outputs, "book")
    assert "11 of 14 stages" in html(outputs, "kill_chain")
    assert "same process" in html(outputs, "incident")
    assert "malicious" in html(outputs, "if the proof has one")
    assert "freightview.exe" in html(outputs, "incident.entities")
    assert "approved" in html(outputs, 'states="approved")')
    assert "Left out" in html(outputs, '"navigator")')


def test_pictures_are_images_that_need_no_network(outputs: list[tuple[str, Any]]) -> None:
    images = [one for _, shown in outputs for one in re.findall(r"<img[^>]*>", shown[0].data.get("text/html", ""))]
    assert len(images) == 3
    for image in images:
        assert 'src="data:image/svg+xml;base64,' in image
    everything = "".join(shown[0].data.get("text/html", "") for _, shown in outputs)
    assert "<script" not in everything
    assert not re.search(r"""(src|href)=["']?(https?:|//)""", everything)


def test_long_tables_say_what_they_cut(outputs: list[tuple[str, Any]]) -> None:
    assert "… and 59 more" in html(outputs, "incident.entities")
