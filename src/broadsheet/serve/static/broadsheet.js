// Comforts only: every page works without this file.
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);
  const say = (text) => { $("#said").textContent = text; };

  // ---- Light and dark. The choice is a cookie, so the server can send the right page at once.
  const root = document.documentElement;
  const dark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const themeButton = $("#theme");
  const showTheme = () => { themeButton.textContent = dark() ? "Light" : "Dark"; };
  const turn = () => {
    root.dataset.theme = dark() ? "light" : "dark";
    document.cookie = `theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax`;
    showTheme();
  };
  themeButton.addEventListener("click", turn);
  $(".comforts").hidden = false;
  showTheme();

  // ---- Saving without leaving the page.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form.save")) return;
    event.preventDefault();
    const button = $("button", form);
    if (button.disabled) return;
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const { saved } = await answer.json();
      button.firstChild.textContent = saved ? "Saved" : "Save";
      button.classList.toggle("on", saved);
      form.action = saved
        ? form.action.replace(/\/save(?=\?|$)/, "/unsave")
        : form.action.replace(/\/unsave(?=\?|$)/, "/save");
      say(saved ? "Saved" : "No longer saved");
    } catch {
      say("That did not work; is the server still there?");
    } finally {
      button.disabled = false;
      button.focus();
    }
  });

  // ---- Voting without leaving the page.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form.vote")) return;
    event.preventDefault();
    const button = $("button", form);
    if (button.disabled) return;
    button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" } });
      if (answer.status === 401) { location.href = `/login?back=${encodeURIComponent(location.pathname)}`; return; }
      if (!answer.ok) throw new Error(String(answer.status));
      const { votes, voted } = await answer.json();
      $("b", button).textContent = votes;
      button.classList.toggle("on", voted);
      button.setAttribute("aria-pressed", String(voted));
      form.action = voted
        ? form.action.replace(/\/vote(?=\?|$)/, "/unvote")
        : form.action.replace(/\/unvote(?=\?|$)/, "/vote");
      say(voted ? "Voted" : "Vote taken back");
    } catch {
      say("That did not work; is the server still there?");
    } finally {
      button.disabled = false;
      button.focus();
    }
  });

  // ---- Copying a citation.
  for (const button of document.querySelectorAll("button.copy")) {
    if (!navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText($("#" + button.dataset.from).textContent);
      button.textContent = "Copied";
      say("Copied");
    });
  }

  // ---- Keys. They can be turned off (WCAG 2.1.4), and never take a key from a field.
  const help = $("#help");
  const keysOn = $("#keys-on");
  keysOn.checked = localStorage.getItem("keys") !== "off";
  keysOn.addEventListener("change", () => localStorage.setItem("keys", keysOn.checked ? "on" : "off"));
  $("#help-open").addEventListener("click", () => help.showModal());

  const titles = () => [...document.querySelectorAll(".card > :is(h2, h3) > a")];
  const step = (by) => {
    const all = titles();
    if (!all.length) return;
    const card = document.activeElement.closest?.(".card");
    const at = card ? all.findIndex((a) => card.contains(a)) : -1;
    const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by));
    all[next].focus();
    all[next].closest(".card").scrollIntoView({ block: "nearest" });
  };
  const here = () => document.activeElement.closest?.(".card") ?? $(".paper.card");
  const follow = (rel) => $(`main a[rel="${rel}"]`)?.click();
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    o: () => { const link = here() && $(":is(h2, h3) > a", here()); link?.click(); },
    s: () => { const form = here() && $("form.save", here()); form?.requestSubmit(); },
    "/": () => { const field = $("#find"); field.focus(); field.select(); },
    "[": () => follow("prev"),
    "]": () => follow("next"),
    t: turn,
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    if (!keysOn.checked) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  const zone = $("#zone");
  if (zone?.value === "UTC") zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
})();
