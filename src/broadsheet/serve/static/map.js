// Moving about on the map. Without this file the map is a picture with links, beside a list of its papers.
(() => {
  "use strict";
  const map = document.getElementById("map");
  if (!map) return;
  const $ = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const say = (text) => { $("#said").textContent = text; };
  const WIDTH = 1000;
  const CLOSEST = 16;
  const HEIGHT = 700;
  const labels = $(".labels", map);
  const pane = map.parentElement;
  const slip = $("#slip");

  // ---- The frame: what part of the map is shown.
  let [left, top, across] = map.getAttribute("viewBox").split(" ").map(Number);
  const zoom = () => WIDTH / across;
  const letters = parseFloat(getComputedStyle($("text", labels) ?? labels).fontSize) || 17;
  let writing = 0;
  const show = () => {
    across = Math.min(WIDTH, Math.max(WIDTH / CLOSEST, across));
    const down = across * HEIGHT / WIDTH;
    left = Math.min(WIDTH - across / 2, Math.max(-across / 2, left));
    top = Math.min(HEIGHT - down / 2, Math.max(-down / 2, top));
    map.setAttribute("viewBox", `${left} ${top} ${across} ${down}`);
    // Names keep their size on the screen; from twice on there is room for all of them.
    labels.classList.toggle("near", zoom() > 1.01);
    labels.style.setProperty("--near", `${(letters) / zoom()}px`);
    map.classList.toggle("moved", zoom() > 1.01);
    clearTimeout(writing);
    writing = setTimeout(write, 250);
  };
  const enlarge = (factor, x = left + across / 2, y = top + across * HEIGHT / WIDTH / 2) => {
    const before = across;
    across = Math.min(WIDTH, Math.max(WIDTH / CLOSEST, across / factor));
    left = x - (x - left) * across / before;
    top = y - (y - top) * across / before;
    show();
  };
  const whole = () => { left = 0; top = 0; across = WIDTH; show(); };
  const at = (event) => {
    const box = map.getBoundingClientRect();
    const scale = Math.min(box.width / across, box.height / (across * HEIGHT / WIDTH));
    return {
      scale,
      x: left + across / 2 + (event.clientX - box.left - box.width / 2) / scale,
      y: top + across * HEIGHT / WIDTH / 2 + (event.clientY - box.top - box.height / 2) / scale,
    };
  };

  // ---- The address says what is shown, so that it can be passed on.
  let lit = new URLSearchParams(location.search).get("topic") ?? "";
  const write = () => {
    const address = new URL(location.href);
    const middle = [left + across / 2, top + across * HEIGHT / WIDTH / 2].map(Math.round);
    if (zoom() > 1.01) address.searchParams.set("view", [...middle, zoom().toFixed(2)].join(","));
    else address.searchParams.delete("view");
    if (lit) address.searchParams.set("topic", lit);
    else address.searchParams.delete("topic");
    history.replaceState(null, "", address.toString().replaceAll("%2C", ","));
  };

  // ---- One topic lit, the others dim.
  const groups = all(".marks, .labels text", map);
  const light = (key) => {
    lit = key;
    for (const group of groups) group.classList.toggle("dim", key !== "" && group.dataset.topic !== key);
    for (const heap of all(".heaps details")) heap.open = key !== "" && heap.dataset.topic === key;
    write();
  };
  for (const link of all(".heaps .light")) {
    const key = link.closest("details").dataset.topic;
    link.addEventListener("click", (event) => { event.preventDefault(); light(lit === key ? "" : key); });
  }
  labels.addEventListener("click", (event) => {
    const key = event.target.dataset.topic;
    if (!key || dragged) return;
    light(lit === key ? "" : key);
    if (lit) $(`#t-${CSS.escape(key)}`)?.scrollIntoView({ block: "nearest" });
  });

  // ---- A slip with a paper's title and authors, where the pointer or the list is.
  const lines = new Map(all(".heaps li > a").map((a) => [a.getAttribute("href"), a]));
  // A large edition's page lists the first papers of each topic; the others come when somebody looks.
  const told = $("link[rel=alternate][title='This map']")?.href;
  let coming = null;
  const complete = () => {
    if (!$(".heaps .rest")) return Promise.resolve();
    return coming ??= fetch(told).then((answer) => answer.ok ? answer.json() : Promise.reject(answer.status)).then((whole) => {
      const papers = new Map(whole.points.map((paper) => [paper.id, paper]));
      for (const { key, papers: ids } of [...whole.topics, { key: "various", papers: whole.various }]) {
        const rest = $(`#t-${CSS.escape(key)} .rest`);
        if (!rest) continue;
        const missing = ids.map((id) => papers.get(id)).filter((paper) => paper && !lines.has(paper.url));
        for (const { url, title, by } of missing) {
          const line = document.createElement("li");
          const link = line.appendChild(document.createElement("a"));
          link.href = url;
          link.textContent = title;
          if (by) line.append(" ", Object.assign(document.createElement("span"), { textContent: by }));
          rest.before(line);
          lines.set(url, link);
        }
        rest.remove();
      }
    }).catch(() => { coming = null; }); // the way to the topic's page stays
  };
  for (const heap of all(".heaps details")) heap.addEventListener("toggle", () => { if (heap.open) complete(); });
  map.addEventListener("pointerenter", complete);
  const points = new Map(all(".marks a", map).map((a) => [a.getAttribute("href"), a]));
  let shown = null;
  const hide = () => { shown?.classList.remove("at"); shown = null; slip.hidden = true; };
  const present = (point) => {
    if (shown === point) return;
    hide();
    const line = lines.get(point.getAttribute("href"));
    if (!line) {
      complete().then(() => { if (lines.has(point.getAttribute("href")) && point.matches(":hover")) present(point); });
      return;
    }
    shown = point;
    point.classList.add("at");
    $("b", slip).textContent = line.textContent;
    $("span", slip).textContent = line.nextElementSibling?.textContent ?? "";
    $("i", slip).textContent = $(".topic", line.closest("details")).textContent;
    slip.hidden = false;
    const box = pane.getBoundingClientRect();
    const spot = point.getBoundingClientRect();
    const x = spot.left + spot.width / 2 - box.left;
    const y = spot.top + spot.height / 2 - box.top;
    slip.style.left = `${Math.max(4, Math.min(box.width - slip.offsetWidth - 4, x + 14))}px`;
    slip.style.top = `${y + 14 + slip.offsetHeight < box.height ? y + 14 : Math.max(4, y - 14 - slip.offsetHeight)}px`;
  };
  map.addEventListener("pointerover", (event) => {
    const point = event.target.closest("a");
    if (point && !dragging) present(point); else if (!point) hide();
  });
  map.addEventListener("pointerleave", hide);
  for (const kind of ["focusin", "pointerover"]) {
    $(".heaps").addEventListener(kind, (event) => {
      const line = event.target.closest("li > a");
      const point = line && points.get(line.getAttribute("href"));
      if (point) present(point); else hide();
    });
  }
  $(".heaps").addEventListener("pointerleave", hide);

  // ---- Dragging, the wheel, two fingers, keys.
  const fingers = new Map();
  let dragging = false;
  let dragged = false;
  map.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse" && event.button !== 0) return;
    fingers.set(event.pointerId, event);
    dragged = false;
  });
  map.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    if (fingers.size === 2) {
      const other = [...fingers.values()].find((finger) => finger.pointerId !== event.pointerId);
      const apart = (finger) => Math.hypot(finger.clientX - other.clientX, finger.clientY - other.clientY);
      const middle = at({ clientX: (event.clientX + other.clientX) / 2, clientY: (event.clientY + other.clientY) / 2 });
      enlarge(apart(event) / Math.max(1, apart(before)), middle.x, middle.y);
      dragged = true;
    } else if (event.pointerType === "mouse" || zoom() > 1.01) {
      const { scale } = at(event);
      const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
      if (!dragged && Math.hypot(dx, dy) < 4) return;
      if (!dragging) { map.setPointerCapture(event.pointerId); map.classList.add("held"); hide(); }
      dragging = dragged = true;
      left -= dx / scale;
      top -= dy / scale;
      show();
    }
    fingers.set(event.pointerId, event);
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    map.addEventListener(kind, (event) => {
      fingers.delete(event.pointerId);
      if (!fingers.size) { dragging = false; map.classList.remove("held"); }
    });
  }
  map.addEventListener("dragstart", (event) => event.preventDefault());
  map.addEventListener("click", (event) => { if (dragged) { event.preventDefault(); dragged = false; } }, true);
  map.addEventListener("dblclick", (event) => { const { x, y } = at(event); enlarge(2, x, y); });
  map.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return; // the page scrolls
    event.preventDefault();
    const { x, y } = at(event);
    enlarge(Math.exp(-event.deltaY / 240), x, y);
  }, { passive: false });

  pane.tabIndex = 0;
  pane.setAttribute("role", "group");
  pane.setAttribute("aria-label", "Map; arrows move it, plus and minus enlarge and reduce it");
  const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  pane.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = steps[event.key];
    if (step) { left += step[0] * across / 8; top += step[1] * across / 8; show(); }
    else if (event.key === "+" || event.key === "=") enlarge(1.5);
    else if (event.key === "-") enlarge(1 / 1.5);
    else if (event.key === "0" || event.key === "Home") whole();
    else if (event.key === "Escape") light("");
    else return;
    event.preventDefault();
  });
  // j and k go through the papers of the list that are in sight, or else through its topics.
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !["j", "k"].includes(event.key)) return;
    if (event.target.closest("input, select, textarea") || $("#help").open || !$("#keys-on").checked) return;
    const stops = all(".heaps summary, .heaps details[open] li > a");
    const here = stops.indexOf(document.activeElement);
    stops[Math.max(0, Math.min(stops.length - 1, here + (event.key === "j" ? 1 : -1)))]?.focus();
  });

  // ---- Buttons, which only now have a use.
  $("#tools").hidden = $("#how").hidden = false;
  $("#closer").addEventListener("click", () => enlarge(1.6));
  $("#farther").addEventListener("click", () => enlarge(1 / 1.6));
  $("#whole").addEventListener("click", () => { light(""); whole(); });
  $("#print").addEventListener("click", () => print());
  if (navigator.clipboard) {
    $("#link").addEventListener("click", async () => {
      write();
      await navigator.clipboard.writeText(location.href);
      say("Link copied");
      $("#link").textContent = "Copied";
      setTimeout(() => { $("#link").textContent = "Copy link"; }, 2000);
    });
  } else $("#link").hidden = true;
  if (across < WIDTH) show();
})();
