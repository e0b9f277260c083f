"use strict";

/* Rows are markup, one a string, and become elements as they are needed: an archive may have tens of thousands. */

const AT_ONCE = 100;
const filters = ["organization", "period", "delivery"].map((id) => document.getElementById(id)).filter(Boolean);
const parts = ["form", "#search", "#found", "#clear", "#rows", "#more"];
const [form, search, found, clear, table, more] = parts.map((part) => document.querySelector(part));
const further = document.querySelector("noscript")?.textContent.split("\n") ?? [];
const rows = [...[...table.rows].map((row) => row.outerHTML), ...further.filter((line) => line.startsWith("<tr data-"))];
const number = (value) => value.toLocaleString("en");
let texts = null;
let matching = rows;

/** A text as it is searched: small letters without marks, so that "muller" finds "Müller". */
const folded = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

/** What a row says of its report, without its files. */
function textOf(row) {
  const characters = { "&lt;": "<", "&gt;": ">", "&amp;": "&", "&#34;": '"', "&quot;": '"', "&#39;": "'" };
  const said = row.slice(0, row.indexOf('<td class="mails"')).replace(/<[^>]*>/g, " ");
  return folded(`${attribute(row, "label")} ${said}`.replace(/&(lt|gt|amp|quot|#34|#39);/g, (each) => characters[each]));
}

const attribute = (row, name) => row.match(` data-${name}="([^"]*)"`)[1];

function matches() {
  const words = folded(search.value).split(/\s+/).filter(Boolean);
  const wanted = filters.filter((filter) => filter.value).map((filter) => [filter.id, filter.value]);
  if (words.length) texts ??= rows.map(textOf);
  return rows.filter(
    (row, at) =>
      wanted.every(([name, value]) => attribute(row, name).split(" ").includes(value)) &&
      words.every((word) => texts[at].includes(word)),
  );
}

function show(count) {
  const first = table.rows.length;
  table.insertAdjacentHTML("beforeend", matching.slice(first, first + count).join(""));
  const left = matching.length - table.rows.length;
  more.hidden = left === 0;
  more.textContent = `Show ${number(Math.min(AT_ONCE, left))} more of ${number(left)}`;
}

/** Show what matches, and say how much that is. */
function update() {
  matching = matches();
  table.replaceChildren();
  show(AT_ONCE);
  const all = `${number(rows.length)} ${rows.length === 1 ? "report" : "reports"}`;
  const some = matching.length ? number(matching.length) : "None";
  clear.hidden = !isAsked();
  found.textContent = clear.hidden ? `All ${all}` : `${some} of ${all}`;
}

const isAsked = () => Boolean(search.value) || filters.some((filter) => filter.value);

/** What is asked for stands in the address, so that it can be shared and comes back with "back". */
function note() {
  const asked = [search, ...filters].filter((each) => each.value).map((each) => [each.id, each.value]);
  history.replaceState(null, "", asked.length ? `#${new URLSearchParams(asked)}` : location.pathname + location.search);
}

function recall() {
  const asked = new URLSearchParams(location.hash.slice(1));
  for (const each of [search, ...filters]) {
    each.value = asked.get(each.id) ?? "";
    if (each.selectedIndex < 0) each.value = "";
  }
}

form.addEventListener("input", () => {
  note();
  update();
});
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("reset", (event) => {
  event.preventDefault();
  for (const each of [search, ...filters]) each.value = "";
  note();
  update();
  search.focus();
});
more.addEventListener("click", () => {
  const next = table.rows.length;
  show(AT_ONCE);
  table.rows[next].querySelector("a")?.focus();
});
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.closest("input, select, textarea");
  if (event.key === "/" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.select();
  }
});
addEventListener("hashchange", () => {
  recall();
  update();
});
addEventListener("beforeprint", () => show(matching.length));
new IntersectionObserver(([end]) => end.isIntersecting && show(AT_ONCE), { rootMargin: "1500px" }).observe(more);
form.hidden = false;
recall();
if (isAsked()) update();
else show(0);
