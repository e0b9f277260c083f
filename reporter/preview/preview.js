"use strict";

const tabs = [...document.querySelectorAll("[role=tab]")];
const state = document.querySelector(".state");
let version = document.documentElement.dataset.version;

const panelOf = (tab) => document.getElementById(tab.getAttribute("aria-controls"));
const framesOf = (tab) => [...panelOf(tab).querySelectorAll("iframe")];
const sourceOf = (frame) => `${frame.dataset.source}?version=${version}`;

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
      frame.contentWindow.location.replace(new URL(sourceOf(frame), location.href));
    }
  }
}

const shown = () => tabs.find((tab) => tab.getAttribute("aria-selected") === "true");

/** Mark the views that cannot be made, also those nobody looks at. */
async function judge() {
  for (const tab of tabs) {
    const answer = await fetch(sourceOf(framesOf(tab)[0]), { method: "HEAD" }).catch(() => null);
    tab.classList.toggle("faulty", answer !== null && !answer.ok);
  }
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
    say(isNew ? `Changed at ${new Date().toLocaleTimeString()}` : "Follows the template", "live");
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
show(tabs.find((tab) => `#${tab.id}` === location.hash) ?? tabs[0]);
follow();
