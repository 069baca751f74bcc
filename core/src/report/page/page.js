"use strict";
// What a page does beyond being read: tabs, lists that unfold and filter, links into folded places, the graph.
// Texts of evidence are only ever set as text, never as markup.
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const all = (what, within = document) => Array.from(within.querySelectorAll(what));
  const one = (what, within = document) => within.querySelector(what);
  const number = (n) => n.toLocaleString("en-US");
  const make = (tag, text, className) => {
    const element = document.createElement(tag);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    return element;
  };

  // Tabs. Without this script every part stands below the other.
  function tabs() {
    const list = one(".tabs");
    if (!list) return () => false;
    const links = all("a[data-tab]", list);
    list.setAttribute("role", "tablist");
    const panel = (link) => document.getElementById(link.dataset.tab);
    for (const link of links) {
      link.parentElement.setAttribute("role", "none");
      link.setAttribute("role", "tab");
      link.setAttribute("aria-controls", link.dataset.tab);
      panel(link).setAttribute("role", "tabpanel");
      panel(link).removeAttribute("aria-label");
      panel(link).setAttribute("aria-labelledby", link.id);
      panel(link).tabIndex = -1;
    }
    function show(name, focus) {
      const wanted = links.find((link) => link.dataset.tab === name);
      if (!wanted) return false;
      for (const link of links) {
        const on = link === wanted;
        link.setAttribute("aria-selected", String(on));
        link.tabIndex = on ? 0 : -1;
        panel(link).classList.toggle("on", on);
      }
      wanted.scrollIntoView({ block: "nearest", inline: "nearest" });
      if (focus) wanted.focus();
      return true;
    }
    list.addEventListener("keydown", (event) => {
      const at = links.indexOf(document.activeElement);
      const step = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: links.length - 1 }[event.key];
      if (at < 0 || step === undefined) return;
      event.preventDefault();
      const next = links[(step + links.length) % links.length];
      history.replaceState(null, "", next.hash);
      show(next.dataset.tab, true);
    });
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-tab]");
      if (!link) return;
      event.preventDefault();
      history.replaceState(null, "", link.hash);
      show(link.dataset.tab, true);
    });
    return show;
  }

  // Lists: of the rows that fit the filters so many are open, the others are folded.
  function lists() {
    const made = new Map();
    for (const element of all(".list")) {
      const rows = all("[data-row]", element);
      const step = Number(element.dataset.open);
      const status = one(`[data-status="${element.id}"]`);
      const more = one(`[data-more="${element.id}"]`);
      const search = one(`[data-search="${element.id}"]`);
      const choices = all(`[data-choose="${element.id}"]`);
      const hidden = rows.map((row) => row.hidden);
      let texts = null;
      let open = step;
      function apply() {
        const wanted = search ? search.value.trim().toLowerCase() : "";
        if (wanted && !texts) texts = rows.map((row) => row.textContent.toLowerCase());
        const chosen = choices.filter((c) => c.value).map((c) => [c.dataset.by, ` ${c.value} `]);
        let fits = 0;
        rows.forEach((row, at) => {
          const fit =
            (!wanted || texts[at].includes(wanted)) &&
            chosen.every(([by, value]) => ` ${row.dataset[by]} `.includes(value));
          if (fit) fits += 1;
          const away = !fit || fits > open;
          if (away !== hidden[at]) row.hidden = hidden[at] = away;
        });
        const shown = Math.min(fits, open);
        const filtered = wanted || chosen.length > 0;
        if (status) {
          const total = filtered ? fits : Number(status.dataset.total);
          const folded = fits - shown;
          const words = folded || filtered ? `${number(shown)} of ${number(total)} shown` : "";
          status.textContent = words + (folded ? `, ${number(folded)} folded away` : "");
        }
        if (more) more.hidden = fits <= open;
      }
      const again = () => {
        open = step;
        apply();
      };
      if (search) search.addEventListener("input", again);
      choices.forEach((c) => c.addEventListener("change", again));
      if (more)
        more.addEventListener("click", () => {
          open += step;
          apply();
        });
      made.set(element, {
        reveal(row) {
          if (!row.hidden) return;
          if (search) search.value = "";
          choices.forEach((c) => (c.value = ""));
          open = Math.max(step, Math.ceil((rows.indexOf(row) + 1) / step) * step);
          apply();
        },
      });
    }
    return made;
  }

  // Leads to whatever an address names: its tab, its place in a folded list, opened.
  function leader(show, folding) {
    return (hash) => {
      const target = hash.length > 1 ? document.getElementById(decodeURIComponent(hash.slice(1))) : null;
      if (!target) return false;
      if (show(target.id, false)) return true;
      const panel = target.closest(".panel");
      if (!panel) return false;
      show(panel.id, false);
      const list = target.closest(".list");
      if (folding.has(list)) folding.get(list).reveal(target);
      if (target.tagName === "DETAILS") target.open = true;
      (one("summary", target.tagName === "DETAILS" ? target : make("p")) || target).focus({ preventScroll: true });
      target.scrollIntoView({ block: "start" });
      all(".told").forEach((old) => old.classList.remove("told"));
      target.classList.add("told");
      return true;
    };
  }

  function graph(lead) {
    const canvas = document.getElementById("graph-view");
    const svg = canvas && one("svg", canvas);
    if (!svg) return;
    const chosen = document.getElementById("graph-chosen");
    const tool = (name) => one(`[data-graph="${name}"]`);
    const nodes = all(".cg-node", svg);
    const edges = all(".cg-edge", svg);
    const byId = new Map(nodes.map((node) => [node.dataset.id, node]));
    const label = (node) => node.dataset.name || node.dataset.id;
    // A picture until here; now something to work with.
    svg.setAttribute("role", "group");
    for (const node of nodes) {
      node.setAttribute("role", "button");
      // Its title names it; what is written in it is cut to fit.
      all("text", node).forEach((text) => text.setAttribute("aria-hidden", "true"));
    }
    const places = new Map();
    for (const row of all("#alert-list [data-id]")) places.set(row.dataset.id, row.id);

    // The view.
    const box = svg.viewBox.baseVal;
    const whole = { x: box.x, y: box.y, width: box.width, height: box.height };
    let view = { ...whole };
    svg.removeAttribute("width");
    svg.removeAttribute("height");
    svg.setAttribute("preserveAspectRatio", "xMidYMin meet");
    // As wide as it is, from the top: readable, however tall it is.
    function across() {
      const { width, height } = svg.getBoundingClientRect();
      const tall = width > 0 ? (whole.width * height) / width : whole.height;
      look({ ...whole, height: Math.min(tall, whole.height) });
    }
    function look(next) {
      const width = Math.min(Math.max(next.width, whole.width / 20), whole.width * 2);
      const scale = width / next.width;
      view = { x: next.x, y: next.y, width, height: next.height * scale };
      svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    }
    function zoom(by, x = view.x + view.width / 2, y = view.y + view.height / 2) {
      const width = Math.min(Math.max(view.width * by, whole.width / 20), whole.width * 2);
      const scale = width / view.width;
      look({ x: x - (x - view.x) * scale, y: y - (y - view.y) * scale, width, height: view.height * scale });
    }
    const move = (x, y) => look({ ...view, x: view.x + x * view.width, y: view.y + y * view.height });
    function point(event) {
      const matrix = svg.getScreenCTM();
      return matrix ? new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()) : { x: 0, y: 0 };
    }
    canvas.addEventListener(
      "wheel",
      (event) => {
        if (!event.ctrlKey && !event.metaKey) {
          // Whoever works in the graph moves it; whoever reads the page scrolls on.
          if (!canvas.contains(document.activeElement)) return;
          event.preventDefault();
          return move(event.deltaX / 800, event.deltaY / 800);
        }
        event.preventDefault();
        const at = point(event);
        zoom(event.deltaY > 0 ? 1.2 : 1 / 1.2, at.x, at.y);
      },
      { passive: false },
    );
    let drag = null;
    canvas.addEventListener("pointerdown", (event) => {
      if (event.button === 0) drag = { at: point(event), moved: false, x: event.clientX, y: event.clientY };
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drag) return;
      if (!drag.moved && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 4) return;
      if (!drag.moved) canvas.setPointerCapture(event.pointerId);
      drag.moved = true;
      const at = point(event);
      look({ ...view, x: view.x + drag.at.x - at.x, y: view.y + drag.at.y - at.y });
    });
    const drop = () => setTimeout(() => (drag = null));
    canvas.addEventListener("pointerup", drop);
    canvas.addEventListener("pointercancel", drop);

    // What is seen: by kind, by verdict, by time.
    const times = Array.from(new Set([...nodes, ...edges].map((part) => part.dataset.first).filter(Boolean))).sort();
    const slider = tool("time");
    slider.max = String(times.length);
    slider.value = slider.max;
    function seen() {
      const unchecked = (by) =>
        new Set(all(`.graph input[data-${by}]:not(:checked)`).map((check) => check.dataset[by]));
      const kinds = unchecked("kind");
      const verdicts = unchecked("verdict");
      const upTo = Number(slider.value);
      const until = upTo >= times.length ? null : times[upTo - 1] || "";
      const late = (part) => until !== null && (!part.dataset.first || part.dataset.first > until);
      for (const node of nodes) {
        const away = kinds.has(node.dataset.kind) || verdicts.has(node.dataset.verdict) || late(node);
        node.classList.toggle("away", away);
        node.setAttribute("tabindex", away ? "-1" : "0");
      }
      const away = (id) => !byId.has(id) || byId.get(id).classList.contains("away");
      for (const edge of edges) edge.classList.toggle("away", late(edge) || away(edge.dataset.from) || away(edge.dataset.to));
      tool("clock").textContent = until === null ? "everything" : until ? until.replace("T", " ").replace("Z", "") : "nothing yet";
    }
    all(".graph input[type=checkbox]").forEach((check) => check.addEventListener("change", seen));
    slider.addEventListener("input", seen);

    let playing = 0;
    const play = tool("play");
    function stop() {
      clearInterval(playing);
      playing = 0;
      play.textContent = "Play";
      play.setAttribute("aria-pressed", "false");
    }
    play.addEventListener("click", () => {
      if (playing) return stop();
      if (Number(slider.value) >= times.length) slider.value = "0";
      play.textContent = "Pause";
      play.setAttribute("aria-pressed", "true");
      const step = () => {
        slider.value = String(Number(slider.value) + 1);
        seen();
        if (Number(slider.value) >= times.length) stop();
      };
      playing = setInterval(step, 600);
      step();
    });
    play.disabled = times.length === 0;

    // What is selected, and the way to another node.
    let selected = null;
    let wanted = false;
    const pathTool = tool("path");
    const around = (node) =>
      edges.filter(
        (edge) => !edge.classList.contains("away") && (edge.dataset.from === node.dataset.id || edge.dataset.to === node.dataset.id),
      );
    const other = (edge, node) => byId.get(edge.dataset.from === node.dataset.id ? edge.dataset.to : edge.dataset.from);
    function dim(nodesOn, edgesOn) {
      svg.classList.toggle("dimmed", nodesOn !== null);
      nodes.forEach((node) => node.classList.toggle("lit", nodesOn !== null && nodesOn.has(node)));
      edges.forEach((edge) => edge.classList.toggle("lit", edgesOn !== null && edgesOn.has(edge)));
    }
    function link(node) {
      const row = node.dataset.entity === undefined ? places.get(node.dataset.id) : `e${node.dataset.entity}`;
      const place = row && document.getElementById(row) ? row : null;
      if (!place) return make("span", label(node));
      const to = make("a", label(node));
      to.href = `#${place}`;
      return to;
    }
    function tell(...parts) {
      chosen.replaceChildren(...parts);
    }
    function row(edge, node) {
      const item = make("li");
      const out = edge.dataset.from === node.dataset.id;
      const end = other(edge, node);
      item.append(make("span", `${out ? "→" : "←"} ${edge.dataset.relation} `, "muted"), end ? link(end) : "");
      return item;
    }
    function select(node) {
      selected = node;
      nodes.forEach((n) => n.classList.toggle("picked", n === node));
      pathTool.disabled = !node;
      want(false);
      if (!node) {
        dim(null, null);
        tell(make("p", "Select a node to see what it is and what it is linked to.", "muted"));
        return;
      }
      const near = around(node);
      dim(new Set([node, ...near.map((edge) => other(edge, node))]), new Set(near));
      const head = make("h3");
      head.append(link(node));
      const facts = make("p", (one("title", node) || node).textContent, "muted");
      const list = make("ul", undefined, "relations");
      const listed = near.slice(0, 40);
      list.append(...listed.map((edge) => row(edge, node)));
      tell(head, facts, list, ...(near.length > 40 ? [make("p", `and ${near.length - 40} more`, "cut")] : []));
    }
    function want(on) {
      wanted = on;
      pathTool.setAttribute("aria-pressed", String(on));
    }
    function path(from, to) {
      const came = new Map([[from, null]]);
      const queue = [from];
      for (let at = 0; at < queue.length && !came.has(to); at += 1) {
        for (const edge of around(queue[at])) {
          const next = other(edge, queue[at]);
          if (next && !came.has(next)) {
            came.set(next, edge);
            queue.push(next);
          }
        }
      }
      if (!came.has(to)) {
        dim(new Set([from, to]), new Set());
        tell(make("p", `Nothing that is shown leads from ${label(from)} to ${label(to)}.`));
        return;
      }
      const steps = [];
      for (let at = to; at !== from; at = other(came.get(at), at)) steps.unshift({ edge: came.get(at), node: at });
      dim(new Set([from, ...steps.map((step) => step.node)]), new Set(steps.map((step) => step.edge)));
      const list = make("ol");
      const first = make("li");
      first.append(link(from));
      list.append(first);
      for (const { edge, node } of steps) {
        const item = make("li");
        item.append(make("span", `${edge.dataset.to === node.dataset.id ? "→" : "←"} ${edge.dataset.relation} `, "muted"), link(node));
        list.append(item);
      }
      tell(make("h3", `Path of ${steps.length} ${steps.length === 1 ? "step" : "steps"}`), list);
    }
    function pick(node) {
      if (wanted && selected && node && node !== selected) {
        path(selected, node);
        want(false);
      } else select(node);
    }
    svg.addEventListener("click", (event) => {
      if (drag && drag.moved) return;
      pick(event.target.closest(".cg-node"));
    });
    pathTool.addEventListener("click", () => {
      want(!wanted);
      if (wanted) chosen.append(make("p", "Now select the node to find the way to.", "muted"));
    });
    tool("in").addEventListener("click", () => zoom(1 / 1.3));
    tool("out").addEventListener("click", () => zoom(1.3));
    tool("fit").addEventListener("click", across);
    tool("whole").addEventListener("click", () => look({ ...whole }));
    // The first time that the tab is shown, and when the window changes.
    new ResizeObserver(across).observe(svg);
    addEventListener("beforeprint", () => look({ ...whole }));
    addEventListener("afterprint", across);
    tool("clear").addEventListener("click", () => {
      select(null);
      all(".graph input[type=checkbox]").forEach((check) => (check.checked = true));
      across();
      stop();
      slider.value = slider.max;
      seen();
    });
    canvas.addEventListener("keydown", (event) => {
      const node = event.target.closest(".cg-node");
      const does = {
        ArrowLeft: () => move(-0.1, 0),
        ArrowRight: () => move(0.1, 0),
        ArrowUp: () => move(0, -0.1),
        ArrowDown: () => move(0, 0.1),
        "+": () => zoom(1 / 1.3),
        "=": () => zoom(1 / 1.3),
        "-": () => zoom(1.3),
        0: across,
        Escape: () => select(null),
        Enter: () => node && pick(node),
        " ": () => node && pick(node),
      }[event.key];
      if (!does || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      does();
    });
    seen();
    chosen.addEventListener("click", (event) => {
      const to = event.target.closest("a");
      if (to && lead(to.hash)) event.preventDefault();
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const show = tabs();
    const folding = lists();
    const lead = leader(show, folding);
    if (!lead(location.hash)) show("overview", false);
    addEventListener("hashchange", () => lead(location.hash));
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a[href^='#']");
      if (!link || link.dataset.tab || event.defaultPrevented) return;
      if (link.hash === location.hash && lead(link.hash)) event.preventDefault();
    });
    graph(lead);
  });
})();
