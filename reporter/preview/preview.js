"use strict";

const tabs = [...document.querySelectorAll("[role=tab]")];
const state = document.querySelector(".state");
let version = document.documentElement.dataset.version;

const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
const framesOf = (tab) => [...panelOf(tab).querySelectorAll("iframe")];
const addressOf = (source) => `${source}?version=${version}`;

/** Show one view; a frame is loaded when it is first seen, and replaced so that "back" leads out of the preview. */
function show(tab) {
  for (const other of tabs) {
    const isShown = other === tab;
    other.setAttribute("aria-selected", String(isShown));
    other.tabIndex = isShown ? 0 : -1;
    panelOf(other).hidden = !isShown;
  }
  history.replaceState(null, "", `#${tab.id}`);
  for (const frame of framesOf(tab)) {
    if (frame.dataset.shown !== version) {
      frame.dataset.shown = version;
      const opened = frame.dataset.opened ? `#${frame.dataset.opened}` : "";
      frame.contentWindow.location.replace(new URL(addressOf(frame.dataset.source) + opened, location.href));
    }
  }
}

const shown = () => tabs.find((tab) => tab.getAttribute("aria-selected") === "true");

/** Mark the views that cannot be rendered, including those that are not shown. */
async function judge() {
  const faulty = new Set();
  for (const source of new Set(tabs.flatMap(framesOf).map((frame) => frame.dataset.source))) {
    const answer = await fetch(addressOf(source), { method: "HEAD" }).catch(() => null);
    if (answer !== null && !answer.ok) faulty.add(source);
  }
  for (const tab of tabs) tab.classList.toggle("faulty", framesOf(tab).some((frame) => faulty.has(frame.dataset.source)));
}

/** Side by side, both emails share the space beside PDF and data, scaled down to fit. */
function fit() {
  const table = document.querySelector(".table");
  const room = (table.clientWidth * 0.52) / (390 + 800);
  table.style.setProperty("--fit", String(Math.min(1, Math.max(0.5, room))));
}

function say(word, kind) {
  state.className = `state ${kind}`;
  state.querySelector(".word").textContent = word;
}

function follow() {
  const events = new EventSource("events");
  events.onmessage = (event) => {
    const isNew = event.data !== version;
    version = event.data;
    say(isNew ? `Changed at ${new Date().toLocaleTimeString()}` : "Updates automatically", "live");
    show(shown());
    judge();
  };
  events.onerror = () => say("The preview has ended: start it again", "lost");
}

for (const tab of tabs) {
  tab.addEventListener("click", () => show(tab));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) {
      const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
      next.focus();
      show(next);
    }
  });
}
new ResizeObserver(fit).observe(document.querySelector("main"));
show(tabs.find((tab) => `#${tab.id}` === location.hash) ?? tabs[0]);
follow();
