// The active keypoint in words, the choice where somebody else decided it, and its history.

import { html } from "./elements.js";
import { nameOf, NAMES_OF_FLAGS } from "./item.js";
import { historyOf, labelWords, modelWords } from "./words.js";

export class Details {
  constructor(host) {
    Object.assign(this, { host, shown: null });
  }

  /** `now` in milliseconds. Built anew only where it says something else. */
  paint(state, now) {
    const said = detailsOf(state, now);
    const key = JSON.stringify(said);
    if (key === this.shown) return;
    this.shown = key;
    this.host.replaceChildren(...build(said));
  }
}

function detailsOf(state, now) {
  const k = state.active;
  const point = state.points[k];
  if (!point) return null;
  return {
    k,
    name: nameOf(state.item, k),
    label: `given ${NAMES_OF_FLAGS[state.item.given[k][2]]}, now ${NAMES_OF_FLAGS[point.v]}`,
    model: modelWords(state, k),
    stale: state.stale[k] ?? null,
    history: historyOf(state, k, now),
  };
}

function build(said) {
  if (said === null) return [html("p", {}, ["This person has no keypoints."])];
  return [
    html("strong", {}, [said.name]),
    html("p", {}, [said.label]),
    html("p", { class: "said" }, [said.model]),
    ...(said.stale ? [choice(said.k, said.stale)] : []),
    history(said.history),
  ];
}

function choice(k, { by, told, mine, ...theirs }) {
  const button = (own, key, words) => html("button", {
    type: "button", "data-choose": k, "data-mine": String(own), "aria-keyshortcuts": key,
  }, [html("kbd", {}, [key]), ` ${words}`]);
  const since = told ? `; told at ${told}` : "";
  return html("div", { class: "conflict" }, [
    html("p", {}, [`${by || "Somebody"} decided this keypoint meanwhile${since}. Nothing was overwritten.`]),
    button(true, "B", `Keep mine: ${labelWords(mine)}`),
    button(false, "T", `Take theirs: ${labelWords(theirs)}`),
  ]);
}

function history(entries) {
  if (entries.length === 0) return html("p", { class: "said" }, ["Nobody has decided this keypoint yet."]);
  const line = ({ who, when, what, reason }) => html("li", {}, [
    html("span", { class: "who" }, [`${who}, ${when}`]), ` ${what}`,
    ...(reason ? [html("span", { class: "reason" }, [` “${reason}”`])] : []),
  ]);
  return html("ol", { class: "history", "aria-label": "History, newest first" }, entries.map(line));
}
