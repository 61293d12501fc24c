// Search in the browser, over the files that `broadsheet publish` wrote: a few of them for each query.
(() => {
  "use strict";
  const PAGE = 20;
  const $ = (selector) => document.querySelector(selector);
  const asked = new URLSearchParams(location.search);
  const get = async (path) => {
    const answer = await fetch(path);
    if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
    return answer.json();
  };
  const kept = new Map();
  const once = (path) => { if (!kept.has(path)) kept.set(path, get(path)); return kept.get(path); };

  // As the index folds words: letters and digits, no diacritics, small.
  const APART = { "ß": "ss", "ø": "o", "ł": "l", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th", "ı": "i" };
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase()
    .replace(/[ßøłæœđðþı]/g, (c) => APART[c]);
  const wordsOf = (text) => [...new Set(fold(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean))];
  const chunkOf = (word) => {
    const start = [...word].slice(0, 2).join("");
    if (/^[a-z0-9]{1,2}$/.test(start)) return start;
    return "x" + [...new TextEncoder().encode(start)].map((b) => b.toString(16).padStart(2, "0")).join("");
  };

  // The words that begin as this one does; null where none do.
  const chunkWith = ({ base, index }, word) => {
    const name = chunkOf(word);
    return index.words.includes(name) ? once(`${base}words/${name}.json`) : null;
  };

  // The stems that a typed word may mean: its own, or those of words that begin with it.
  const stemsOf = async (files, word) => {
    const chunk = await chunkWith(files, word);
    if (!chunk) return [];
    if (Object.hasOwn(chunk.w, word)) return [chunk.w[word]];
    if (word.length < 3) return [];
    return [...new Set(Object.keys(chunk.w).filter((w) => w.startsWith(word)).slice(0, 20).map((w) => chunk.w[w]))];
  };
  const papersWith = async (files, stem) => {
    const chunk = await chunkWith(files, stem);
    const found = new Map();
    const flat = (chunk && Object.hasOwn(chunk.s, stem) && chunk.s[stem]) || [];
    for (let n = 0, at = 0; n < flat.length; n += 2) { at += flat[n]; found.set(at, flat[n + 1]); }
    return found;
  };

  // Papers with the most of the words first, then by score, then in the order of the index.
  const rank = async (files, words) => {
    const scores = new Map();
    const telling = words.filter((word) => !files.index.stop.includes(word));
    for (const word of telling) {
      const best = new Map();
      for (const stem of await stemsOf(files, word)) {
        for (const [paper, score] of await papersWith(files, stem)) {
          best.set(paper, Math.max(score, best.get(paper) ?? 0));
        }
      }
      for (const [paper, score] of best) {
        const [held, sum] = scores.get(paper) ?? [0, 0];
        scores.set(paper, [held + 1, sum + score]);
      }
    }
    return [...scores].sort(([a, [h, s]], [b, [i, t]]) => i - h || t - s || a - b).map(([paper]) => paper);
  };

  const element = (name, text, more = {}) => Object.assign(document.createElement(name), { textContent: text }, more);
  const card = ([file, title, authors, day, gist, categories, type]) => {
    const article = element("article", "", { className: "card" });
    const heading = element("h2", "");
    heading.append(element("a", title, { href: file }));
    article.append(heading);
    if (authors) article.append(element("p", authors, { className: "by" }));
    if (gist) article.append(element("p", gist, { className: "gist" }));
    const facts = element("p", "", { className: "facts" });
    for (const category of categories.slice(0, 3)) facts.append(element("abbr", category), " ");
    if (type !== "other") facts.append(element("span", type), " ");
    facts.append(element("time", day, { dateTime: day }));
    article.append(facts);
    const item = element("li", "");
    item.append(article);
    return item;
  };

  const passes = (paper) => {
    const [, , , day, , categories, type, code] = paper;
    const cat = asked.get("cat");
    return (!cat || categories.some((c) => c === cat || c.startsWith(cat + ".")))
      && (!asked.get("type") || type === asked.get("type"))
      && (!asked.get("since") || day >= asked.get("since"))
      && (!asked.get("until") || day <= asked.get("until"))
      && (!asked.get("code") || code === 1);
  };

  const start = async () => {
    const text = asked.get("q") ?? "";
    const narrowed = ["cat", "type", "since", "until", "code"].some((name) => asked.get(name));
    $("#find").value = text;
    const words = wordsOf(text);
    if (!words.length && !narrowed) return;
    const index = await once("search/index.json");
    const base = `search/${index.made}/`;
    const all = words.length ? await rank({ base, index }, words) : [...Array(index.papers).keys()];
    const paper = async (n) => (await once(`${base}papers/${Math.floor(n / index.chunk)}.json`))[n % index.chunk];
    let found = all;
    if (narrowed) {
      found = [];
      for (const n of all) if (passes(await paper(n))) found.push(n);
    }
    $("#total").textContent = `${found.length.toLocaleString("en")} ${found.length === 1 ? "paper" : "papers"}`
      + ` of the editions from ${index.since} to ${index.until}.`;
    let shown = 0;
    const more = async () => {
      const next = await Promise.all(found.slice(shown, shown + PAGE).map(paper));
      $("#hits").append(...next.map(card));
      shown += next.length;
      $("#more").hidden = shown >= found.length;
    };
    $("#more").addEventListener("click", more);
    await more();
  };
  start().catch(() => { $("#total").textContent = "The search did not come; is the site still there?"; });
})();
