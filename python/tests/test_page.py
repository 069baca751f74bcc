"""The pages in a browser: every tab, by keyboard, filtered, selected, played, printed; and nothing in them runs.

Needs the packages `playwright` and Debian's `chromium`; without either the suite says so and passes over.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import casegraph

sync_api = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium")
if CHROMIUM is None:
    pytest.skip("no chromium", allow_module_level=True)

# No sandbox: the suites run as root too. The others keep the browser from calling home.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
TABS = [
    "overview",
    "alerts",
    "devices",
    "users",
    "mailboxes",
    "apps",
    "investigations",
    "evidence",
    "graph",
    "activity",
]
AXE = Path(os.environ.get("CASEGRAPH_AXE", ""))
KINDS = Path(__file__).parents[2] / "core/src/model/testdata/evidence.json"
OTRF = Path(__file__).parents[3] / "shared/data/events/schtask_create.zip"


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


class Watched:
    """A page that keeps all that it should not do."""

    def __init__(self, browser: Any, path: Path, **context: Any) -> None:
        self.context = browser.new_context(**{"viewport": {"width": 1440, "height": 900}, **context})
        self.page = self.context.new_page()
        self.wrong: list[str] = []
        self.page.on("console", lambda message: self.wrong.append(f"console {message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        self.page.on("dialog", lambda dialog: (self.wrong.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda r: None if r.url.startswith("file:") else self.wrong.append(f"request: {r.url}"))
        self.page.goto(path.as_uri())

    def shown(self) -> list[str]:
        return [tab for tab in TABS if self.page.locator(f"#{tab}").is_visible()]

    def close(self) -> None:
        self.context.close()
        assert self.wrong == []


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Pages of the shipped scenario, with decisions of people."""
    book = casegraph.Casebook()
    book.ingest(casegraph.sample_alerts())
    book.add_indicators(casegraph.sample_indicators())
    first = book.queue()[0].id
    book.comment(first, "Called the user <b>back</b>", by="ada", at="2026-03-12T09:00:00Z")
    folder = tmp_path_factory.mktemp("pages")
    assert book.save_pages(folder) == 2
    return folder


def incident(pages: Path) -> Path:
    book = casegraph.Casebook()
    book.ingest(casegraph.sample_alerts())
    title = book.incidents()[0].title.replace("&", "&amp;")
    return next(page for page in pages.glob("incident-*.html") if f"<h1>{title}</h1>" in page.read_text())


def test_every_tab_shows_by_mouse_and_by_keyboard(browser: Any, pages: Path) -> None:
    watched = Watched(browser, incident(pages))
    page = watched.page
    assert watched.shown() == ["overview"]
    for tab in TABS:
        page.click(f"#tab-{tab}")
        assert watched.shown() == [tab]
    page.keyboard.press("Home")
    for tab in TABS[1:]:
        page.keyboard.press("ArrowRight")
        assert watched.shown() == [tab]
        assert page.evaluate("document.activeElement.id") == f"tab-{tab}"
    page.keyboard.press("ArrowRight")
    assert watched.shown() == ["overview"], "the last leads to the first"
    page.keyboard.press("End")
    assert watched.shown() == ["activity"]
    assert "Called the user <b>back</b>" in page.inner_text("#activity")
    watched.close()


def test_links_lead_into_other_tabs(browser: Any, pages: Path) -> None:
    watched = Watched(browser, incident(pages))
    page = watched.page
    page.click("#overview summary:has-text('as a list')")
    page.click("#overview .timeline a >> nth=3")
    assert watched.shown() == ["alerts"]
    opened = page.locator("details.alert[open]")
    assert opened.count() == 1
    assert "Here because of" in opened.inner_text()
    assert opened.locator("svg").count() == 1, "a process tree"
    # Evidence of the alert leads to its row.
    opened.locator("table a >> nth=0").click()
    assert watched.shown() == ["evidence"]
    assert page.locator("#evidence-list tr.told").count() == 1
    watched.close()


def test_lists_filter_and_say_what_they_hide(browser: Any, pages: Path) -> None:
    watched = Watched(browser, incident(pages))
    page = watched.page
    page.click("#tab-evidence")
    rows = page.locator("#evidence-list [data-row]:visible")
    everything = rows.count()
    page.select_option("[data-choose=evidence-list][data-by=verdict]", "malicious")
    bad = rows.count()
    assert 0 < bad < everything
    assert all("malicious" in text for text in rows.all_inner_texts())
    page.fill("[data-search=evidence-list]", "FVSVC")
    assert 0 < rows.count() < bad
    assert page.inner_text("[data-status=evidence-list]") == f"{rows.count()} of {rows.count()} shown"
    page.fill("[data-search=evidence-list]", "nothing has this name")
    assert rows.count() == 0
    assert page.inner_text("[data-status=evidence-list]") == "0 of 0 shown"
    watched.close()


def test_the_graph_selects_filters_finds_paths_and_plays(browser: Any, pages: Path) -> None:
    watched = Watched(browser, incident(pages))
    page = watched.page
    page.click("#tab-graph")
    nodes = page.locator(".cg-node:not(.away)")
    everything = nodes.count()
    assert everything > 50
    # By keyboard: Tab into the graph, Enter selects.
    page.focus("#graph-view .cg-node >> nth=0")
    page.keyboard.press("Enter")
    assert page.locator(".cg-node.picked").count() == 1
    assert page.locator("#graph-chosen li").count() > 0
    # The way to another node.
    page.click("[data-graph=path]")
    far = page.locator(".cg-node[data-kind=file]:not(.lit)").first
    far.focus()
    page.keyboard.press("Enter")
    assert page.inner_text("#graph-chosen h3").startswith("Path of ")
    assert page.locator(".cg-edge.lit").count() == page.locator("#graph-chosen li").count() - 1
    page.keyboard.press("Escape")
    assert page.locator(".cg-node.picked").count() == 0
    # Kinds and verdicts.
    page.uncheck("input[data-kind=process]")
    without = nodes.count()
    assert without < everything
    assert page.locator(".cg-node[data-kind=process]:visible").count() == 0
    page.uncheck("input[data-verdict=malicious]")
    assert nodes.count() < without
    page.click("[data-graph=clear]")
    assert nodes.count() == everything
    # Pan and zoom.
    box = page.get_attribute("#graph-view svg", "viewBox")
    page.click("[data-graph=in]")
    nearer = page.get_attribute("#graph-view svg", "viewBox")
    page.focus("#graph-view")
    page.keyboard.press("ArrowDown")
    assert len({box, nearer, page.get_attribute("#graph-view svg", "viewBox")}) == 3
    # Play: from the first moment on more and more.
    page.click("[data-graph=play]")
    first = nodes.count()
    assert 0 < first < everything
    sync_api.expect(nodes).not_to_have_count(first)
    page.click("[data-graph=play]")
    watched.close()


def test_print_shows_every_part(browser: Any, pages: Path) -> None:
    watched = Watched(browser, incident(pages))
    watched.page.emulate_media(media="print")
    assert watched.shown() == TABS
    assert watched.page.locator(".filters").first.is_hidden()
    watched.close()


def test_without_script_everything_is_there(browser: Any, pages: Path) -> None:
    watched = Watched(browser, incident(pages), java_script_enabled=False)
    assert watched.shown() == TABS
    watched.close()


def test_the_queue_leads_to_the_incidents(browser: Any, pages: Path) -> None:
    watched = Watched(browser, pages / "index.html")
    page = watched.page
    assert page.locator("#queue [data-row]:visible").count() == 2
    page.select_option("[data-choose=queue][data-by=status]", "resolved")
    assert page.locator("#queue [data-row]:visible").count() == 1
    page.click("#queue [data-row]:visible a")
    assert watched.shown() == ["overview"]
    watched.close()


@pytest.mark.skipif(not AXE.is_file(), reason="no axe-core: CASEGRAPH_AXE names no file")
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Any, pages: Path, scheme: str) -> None:
    # The policy of the page would keep axe out; it is for the page's own content.
    watched = Watched(browser, incident(pages), color_scheme=scheme, bypass_csp=True)
    page = watched.page
    page.add_script_tag(path=str(AXE))
    found = {}
    # In the dark only colours differ.
    options = {"resultTypes": ["violations"], **({"runOnly": ["color-contrast"]} if scheme == "dark" else {})}
    for tab in TABS if scheme == "light" else ["overview", "alerts", "evidence", "graph"]:
        page.click(f"#tab-{tab}")
        if tab == "alerts":
            page.click("details.alert summary >> nth=2")
        result = page.evaluate("o => axe.run({include: ['header', '.panel.on']}, o)", options)
        for violation in result["violations"]:
            if violation["impact"] in ("serious", "critical"):
                found[f"{tab}: {violation['id']}"] = [node["html"][:200] for node in violation["nodes"][:3]]
    assert found == {}
    watched.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_no_width_makes_the_page_scroll_sideways(browser: Any, pages: Path, width: int) -> None:
    watched = Watched(browser, incident(pages), viewport={"width": width, "height": 800})
    for tab in TABS:
        watched.page.click(f"#tab-{tab}")
        wide = watched.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{tab} is {wide} px wide"
    watched.close()


@pytest.mark.skipif(not OTRF.is_file(), reason="../shared is absent")
def test_a_recording_has_its_events_on_the_page(browser: Any, tmp_path: Path) -> None:
    import zipfile

    book = casegraph.Casebook()
    book.rules = casegraph.RuleSet.builtin()
    with zipfile.ZipFile(OTRF) as archive:
        name = next(name for name in archive.namelist() if name.endswith(".json"))
        book.ingest(archive.read(name), source=name)
    path = tmp_path / "recording.html"
    book.case_file(book.queue()[0].id).save(path)
    watched = Watched(browser, path)
    page = watched.page
    page.click("#tab-devices")
    page.click("details.device summary >> nth=0")
    assert page.locator("details.device[open] li.event").count() > 0
    for tab in TABS:
        page.click(f"#tab-{tab}")
        assert watched.shown() == [tab]
    watched.close()


PAYLOADS = [
    "<script>window.ran=1</script>",
    "</script><script>window.ran=1</script>",
    "</style><script>window.ran=1</script>",
    "</title><script>window.ran=1</script>",
    "</svg><img src=x onerror=window.ran=1>",
    "<svg/onload=window.ran=1>",
    '"><img src=x onerror=window.ran=1>',
    "'><img src=x onerror=window.ran=1>",
    '" onfocus=window.ran=1 autofocus tabindex=1 x="',
    "' onmouseover=window.ran=1 x='",
    "javascript:window.ran=1",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<a href=javascript:window.ran=1>click</a>",
    "<details open ontoggle=window.ran=1>",
    "]]><script>window.ran=1</script>",
    "--><script>window.ran=1</script>",
    "&lt;script&gt;window.ran=1&lt;/script&gt;",
    "${window.ran=1}{{window.ran=1}}",
    "`<img src=x onerror=window.ran=1>`",
    "\u202e<script>window.ran=1</script>\u0000\u001b[31m",
]


def hostile() -> list[dict[str, Any]]:
    """One alert for each payload, with every kind of evidence, and the payload in every text that any of them has."""
    kinds = json.loads(KINDS.read_text())

    def fill(value: Any, payload: str, path: str) -> Any:
        if isinstance(value, dict):
            return {
                name: inner if name == "@odata.type" else fill(inner, payload, f"{path}.{name}")
                for name, inner in value.items()
            }
        if isinstance(value, list):
            return [fill(inner, payload, path) for inner in value]
        # Times stay what they are: anything else would not be kept as one.
        return payload + path if isinstance(value, str) and not path.endswith("DateTime") else value

    alerts = []
    for number, payload in enumerate(PAYLOADS):
        alert = {
            "id": f"{number}{payload}",
            "incidentId": payload,
            "title": payload,
            "description": payload,
            "recommendedActions": payload,
            "category": payload,
            "mitreTechniques": [payload, "T1059.001"],
            "severity": payload if number % 2 else "high",
            "status": payload if number % 3 else "new",
            "serviceSource": payload,
            "productName": payload,
            "detectorId": payload,
            "assignedTo": payload,
            "firstActivityDateTime": f"2026-03-10T08:{number:02}:00Z",
            "evidence": [fill(kind, payload, f".{at}") for at, kind in enumerate(kinds)],
        }
        alerts.append(alert)
    # All of one device, so that they are one incident; and enough that is bad for proofs and actions.
    device = {"@odata.type": "#microsoft.graph.security.deviceEvidence", "mdeDeviceId": "d1", "hostName": PAYLOADS[0]}
    for alert in alerts:
        alert["evidence"].append(device)
        for item in alert["evidence"]:
            item["verdict"] = "malicious"
    return alerts


@pytest.fixture(scope="module")
def attacked() -> casegraph.CaseFile:
    book = casegraph.Casebook()
    report = book.ingest(hostile())
    assert report.alerts == len(PAYLOADS)
    first = book.queue()[0].id
    book.comment(first, PAYLOADS[0], by=PAYLOADS[6], at="2026-03-12T09:00:00Z")
    book.tag(first, PAYLOADS[8], by=PAYLOADS[1], at="2026-03-12T09:01:00Z")
    book.rename(first, PAYLOADS[3], by="ada", at="2026-03-12T09:02:00Z")
    case = book.case_file(first)
    kinds = {entity.kind for entity in case.incident.entities}
    assert len(case.incident.alerts) == len(PAYLOADS)
    assert len(kinds) >= 45, "nearly every kind of evidence makes entities of its own"
    return case


def ran(browser: Any, html: str, folder: Path) -> tuple[Any, dict[str, int]]:
    """What ran in a page without its policy once all of it was looked at, and the elements that could fetch or run."""
    path = folder / "hostile.html"
    path.write_text(html, encoding="utf-8")
    context = browser.new_context(bypass_csp=True)
    page = context.new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    page.goto(path.as_uri())
    page.evaluate("""() => {
        document.querySelectorAll('details').forEach((one) => (one.open = true));
        document.querySelectorAll('[tabindex], a, button').forEach((one) => one.focus());
        for (const one of document.querySelectorAll('td, th, p, li, dd, summary, g, text'))
            one.dispatchEvent(new MouseEvent('mouseover', { bubbles: true }));
    }""")
    page.wait_for_timeout(200)
    found = page.evaluate("""() => {
        const count = {};
        for (const one of document.querySelectorAll('*')) {
            if (['SCRIPT', 'IMG', 'IFRAME', 'OBJECT', 'EMBED', 'LINK', 'STYLE'].includes(one.tagName))
                count[one.tagName] = (count[one.tagName] || 0) + 1;
            for (const attribute of one.attributes)
                if (
                    /^on/i.test(attribute.name) ||
                    (/href|src|action|data$/i.test(attribute.name) && /^\\s*javascript:/i.test(attribute.value))
                )
                    count[attribute.name] = (count[attribute.name] || 0) + 1;
        }
        return count;
    }""")
    outcome = page.evaluate("window.ran"), found
    context.close()
    return outcome


def carries(found: dict[str, int], allowed: dict[str, int]) -> dict[str, int]:
    """What a page has beyond its own; attributes that carry names and ids as they came are no handlers."""
    return {name: n for name, n in found.items() if allowed.get(name) != n and not name.startswith(("data-", "value"))}


def test_nothing_in_evidence_runs_on_the_page(browser: Any, attacked: casegraph.CaseFile, tmp_path: Path) -> None:
    html = attacked.page()
    outcome, found = ran(browser, html, tmp_path)
    assert outcome is None
    assert carries(found, {"SCRIPT": 1, "STYLE": 1}) == {}
    # The same page with its escaping undone runs what it holds: the test would see it.
    undone = html.replace("&lt;script&gt;window.ran=1&lt;/script&gt;", "<script>window.ran=1</script>")
    assert ran(browser, undone, tmp_path)[0] == 1


def test_nothing_in_evidence_runs_in_pictures(browser: Any, attacked: casegraph.CaseFile, tmp_path: Path) -> None:
    worst = attacked.incident.entities[0].id
    names = [("kill-chain", None), ("alert-timeline", None), ("entity-graph", None), ("process-tree", None)]
    for name, about in [*names, ("proof", worst)]:
        svg = attacked.picture(name, about).svg
        outcome, found = ran(browser, svg.partition("?>")[2], tmp_path)
        assert outcome is None, name
        assert carries({tag.upper(): n for tag, n in found.items()}, {"STYLE": 1}) == {}, name


def test_nothing_in_evidence_runs_in_a_notebook(browser: Any, attacked: casegraph.CaseFile, tmp_path: Path) -> None:
    incident = attacked.incident
    shown = [attacked, incident, incident.kill_chain, incident.entities, incident.alerts, attacked.timeline]
    shown += [attacked.response, attacked.plan, attacked.activity, attacked.graph]
    shown += [attacked.export(name) for name, _ in casegraph.EXPORTS]
    html = "".join(one._repr_html_() for one in shown)
    outcome, found = ran(browser, html, tmp_path)
    assert outcome is None
    # Pictures are images there.
    assert carries(found, {"IMG": 3}) == {}
