"use strict";

const tree = document.querySelector(".tree");
const search = document.querySelector("#search");
const hits = document.querySelector(".hits");
const branches = [...tree.querySelectorAll("details")];
const lines = [...tree.querySelectorAll(".leaf, summary")];
const opened = new Set(branches.filter((branch) => branch.open));

/** Show the lines with this text, and what contains them; without a text, everything as it was at first. */
function find(text) {
  const wanted = text.trim().toLowerCase();
  const found = lines.filter((line) => wanted && line.textContent.toLowerCase().includes(wanted));
  const seen = new Set();
  for (const line of found) {
    for (let each = line; each !== tree && !seen.has(each); each = each.parentElement) seen.add(each);
    if (line.matches("summary")) for (const each of line.parentElement.querySelectorAll("*")) seen.add(each);
  }
  for (const each of [...branches, ...lines]) {
    each.hidden = Boolean(wanted) && !seen.has(each) && !each.matches("summary");
    each.classList.toggle("hit", found.includes(each));
  }
  for (const branch of branches) branch.open = wanted ? seen.has(branch) : opened.has(branch);
  hits.textContent = wanted ? `${found.length || "None"} found` : "";
}

const openAll = (isOpen) => branches.forEach((branch) => (branch.open = isOpen));

search.addEventListener("input", () => find(search.value));
document.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
document.querySelector("#open").addEventListener("click", () => openAll(true));
document.querySelector("#close").addEventListener("click", () => openAll(false));
