// Comforts only: every page works without this file.
(() => {
  "use strict";
  const $ = (selector, from = document) => from.querySelector(selector);
  // What was done is to be seen on the page itself and is only spoken; what failed is shown too.
  let quiet;
  const say = (text, failed = false) => {
    const said = $("#said");
    said.textContent = text;
    said.className = failed ? "failed" : "hidden";
    clearTimeout(quiet);
    if (failed) quiet = setTimeout(() => { said.className = "hidden"; }, 10000);
  };
  const sayFailed = () => say("That did not work; is the server still there?", true);

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

  // ---- What the reader says of papers, without leaving the page.
  const element = (tag, properties, ...within) => {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...within);
    return made;
  };
  const SAID = {
    saved: ["Saved", "No longer saved"],
    liked: ["More like this", "No longer more like this"],
    disliked: ["Not interested", "Shown again"],
    hidden: ["Hidden", "Shown again"],
    read: ["Read", "Unread"],
    note: ["Note kept", "Note taken away"],
    tag: ["Tagged", "Tag taken away"],
    collection: ["Put into the collection", "Taken out of the collection"],
  };

  const send = async (address, fields) => {
    const answer = await fetch(address, {
      method: "POST", headers: { Accept: "application/json" }, body: new URLSearchParams(fields),
    });
    if (answer.status === 401) location.href = `/login?back=${encodeURIComponent(location.pathname + location.search)}`;
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.json();
  };

  // Every button of this paper shows how the reader stands to it now.
  const show = (address, standing) => {
    for (const form of document.querySelectorAll("form.acts")) {
      if (form.action !== address) continue;
      for (const button of form.querySelectorAll("button")) {
        const on = standing[button.value];
        button.name = on ? "clear" : "set";
        button.classList.toggle("on", on);
        if (button.value === "saved") button.textContent = on ? "Saved" : "Save";
        else button.setAttribute("aria-pressed", on);
      }
      form.closest(".card")?.classList.toggle("read", standing.read);
    }
  };

  // The forms for notes, tags and collections, as the server sets them.
  const ownForms = async (address) => {
    const answer = await fetch(address, { headers: { Accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return $("#mine", page);
  };

  // A card that was put away leaves a line with the way back.
  const putAway = (card, address, kind) => {
    const link = $(":is(h2, h3) > a", card);
    const undo = element("button", { name: "clear", value: kind }, "Undo");
    const back = element("form", { className: "own", method: "post", action: address },
      element("span", {}, `${SAID[kind][0]}: `, element("a", { href: link.href }, link.textContent)), " ", undo);
    const line = element("div", { className: "done card" }, back);
    if (kind === "disliked") {
      const said = element("input", { name: "text", maxLength: 500, placeholder: "if you like to say", autocomplete: "off" });
      line.append(element("form", { className: "own reason", method: "post", action: address },
        element("label", {}, "Why not? ", said), element("button", { name: "set", value: kind }, "Keep")));
    }
    back.addEventListener("restored", () => {
      line.replaceWith(card);
      link.focus();
    });
    card.replaceWith(line);
    undo.focus();
  };

  const inAList = (card) => card && !card.matches(".paper") && !card.closest(".whole");

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form.acts, form.own, form.follow")) return;
    event.preventDefault();
    const button = event.submitter ?? $("button", form);
    if (button.getAttribute("aria-busy")) return;
    button.setAttribute("aria-busy", "true");
    const kind = button.value;
    const making = button.name === "set";
    const card = form.closest(".card");
    const address = form.action;
    try {
      const fields = new FormData(form);
      fields.set(button.name, kind);
      if (form.matches(".follow")) {
        await send(address, fields);
        button.name = making ? "clear" : "set";
        button.textContent = making ? "Followed" : "Follow";
        button.classList.toggle("on", making);
        say(making ? "Followed: what is new in it stands under Following" : "No longer followed");
        return;
      }
      const standing = await send(address, fields);
      show(address, standing);
      say(SAID[kind][making ? 0 : 1]);
      if (form.matches(".acts")) {
        form.querySelector("details")?.removeAttribute("open");
        if (making && (kind === "hidden" || kind === "disliked") && inAList(card)) putAway(card, address, kind);
        else if (document.activeElement === document.body) button.focus();
      } else if (form.closest("#mine")) {
        const field = form.querySelector("input:not([type=hidden]), textarea")?.id;
        const fresh = await ownForms(address);
        form.closest("#mine").replaceWith(fresh);
        (field ? document.getElementById(field) : $("input:not([type=hidden])", fresh)).focus();
      } else if (making) {
        form.replaceWith(element("span", {}, "Kept."));
      } else {
        form.dispatchEvent(new Event("restored"));
        if (form.isConnected) location.reload();
      }
    } catch {
      sayFailed();
    } finally {
      button.removeAttribute("aria-busy");
    }
  });

  // Notes, tags and collections of a card are changed in a dialog; its link leads to the same forms.
  const own = element("dialog", { id: "own" }, element("div", {}),
    element("form", { method: "dialog" }, element("button", {}, "Close")));
  own.setAttribute("aria-labelledby", "mine-title");
  document.body.append(own);
  const openOwn = async (address, field) => {
    try {
      const forms = await ownForms(address);
      $("#own > div").replaceChildren(forms);
      own.showModal();
      $(field ? `#own-${field}` : "input:not([type=hidden])", forms).focus();
    } catch {
      location.href = address;
    }
  };
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".acts details a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    link.closest("details").open = false;
    openOwn(link.href);
  });
  own.addEventListener("close", () => own.querySelector("div").replaceChildren());

  // One menu at a time; Escape closes it.
  document.addEventListener("toggle", (event) => {
    if (!event.target.open || !event.target.matches(".acts details")) return;
    for (const other of document.querySelectorAll(".acts details[open]")) {
      if (other !== event.target) other.open = false;
    }
  }, true);
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest?.(".acts details[open]");
    if (!menu) return;
    menu.open = false;
    $("summary", menu).focus();
  });

  // ---- Looking at the news is a visit; what came before the last one is not new the next time.
  const visit = $("form.visit");
  if (visit) send(visit.action, {}).catch(() => {});

  // ---- A paper counts as read when its text is followed, or its page was looked at for a while.
  const paper = $(".paper.card .acts");
  if (paper && $(".paper .links, .paper .abstract")) {
    const read = async () => {
      if (!$('button[name="set"][value="read"]', paper)) return;
      try {
        show(paper.action, await send(paper.action, { set: "read" }));
      } catch { /* it will be read another time */ }
    };
    for (const link of document.querySelectorAll(".paper .links a")) link.addEventListener("click", read);
    let seconds = 0;
    const clock = setInterval(() => {
      if (document.visibilityState !== "visible" || ++seconds < 20) return;
      clearInterval(clock);
      read();
    }, 1000);
  }

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
      sayFailed();
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
    // Of a card that was put away the place is left: the next one follows it.
    const after = card ? all.findIndex((a) => card.compareDocumentPosition(a) === Node.DOCUMENT_POSITION_FOLLOWING) : -1;
    const at = card ? all.findIndex((a) => card.contains(a)) : -1;
    const place = at >= 0 ? at + by : after >= 0 ? after + (by > 0 ? 0 : -1) : by > 0 && !card ? 0 : all.length - 1;
    const next = Math.min(all.length - 1, Math.max(0, place));
    all[next].focus();
    all[next].closest(".card").scrollIntoView({ block: "nearest" });
  };
  const here = () => document.activeElement.closest?.(".card") ?? $(".paper.card");
  const follow = (rel) => $(`main a[rel="${rel}"]`)?.click();
  const press = (kind) => {
    const form = here() && $("form.acts", here());
    const button = form && $(`button[value="${kind}"]`, form);
    if (button) form.requestSubmit(button);
  };
  const write = (field) => {
    const form = here() && $("form.acts", here());
    if (!form) return;
    if (form.closest(".paper")) $(`#own-${field}`)?.focus();
    else openOwn(form.action, field);
  };
  const keys = {
    j: () => step(1),
    k: () => step(-1),
    o: () => { const link = here() && $(":is(h2, h3) > a", here()); link?.click(); },
    s: () => press("saved"),
    m: () => press("liked"),
    x: () => press("disliked"),
    r: () => press("read"),
    h: () => press("hidden"),
    u: () => $('.done button[name="clear"]', document.activeElement.closest(".done") ?? document)?.click(),
    n: () => write("note"),
    e: () => write("tag"),
    c: () => write("collection"),
    "/": () => { const field = $("#find"); field.focus(); field.select(); },
    "[": () => follow("prev"),
    "]": () => follow("next"),
    t: turn,
    "?": () => help.showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || $("dialog[open]")) return;
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
