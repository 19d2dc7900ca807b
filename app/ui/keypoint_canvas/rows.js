// One row per keypoint; a row is built anew only where something in it changed.

import { html, icon } from "./elements.js";
import { modelFlag, nameOf, NAMES_OF_FLAGS } from "./item.js";
import { standing } from "./words.js";

const TICKS = { reviewed: "✓", unsure: "?", conflict: "!", open: "○" };

export class Rows {
  /** `list` is the element they stand in; `prefix` makes ids unique. */
  constructor(list, prefix) {
    Object.assign(this, { list, prefix, shown: [] });
  }

  paint(state) {
    const wanted = state.points.map((_, k) => JSON.stringify(rowOf(state, k)));
    while (this.list.children.length > wanted.length) this.list.lastChild.remove();
    wanted.forEach((key, k) => {
      if (this.shown[k] === key && this.list.children[k]) return;
      const row = build(rowOf(state, k), `${this.prefix}-${k}`, k);
      if (this.list.children[k]) this.list.children[k].replaceWith(row);
      else this.list.append(row);
    });
    this.shown = wanted;
    this.list.setAttribute("aria-activedescendant", `${this.prefix}-${state.active}`);
    // Asking where a row is now would have everything laid out twice.
    if (state.active !== this.active) requestAnimationFrame(() => this.scrollTo(this.active));
    this.active = state.active;
  }

  /** Scrolls the list alone: scrollIntoView would move the page under the photo. */
  scrollTo(k) {
    const row = this.list.children[k];
    if (!row) return;
    const top = row.offsetTop - this.list.offsetTop;
    if (top < this.list.scrollTop) this.list.scrollTop = top;
    const below = top + row.offsetHeight - this.list.clientHeight;
    if (below > this.list.scrollTop) this.list.scrollTop = below;
  }
}

/** What a row shows. */
function rowOf(state, k) {
  const { item } = state;
  const given = item.given[k][2];
  const now = state.points[k].v;
  const model = modelFlag(item, k);
  const stood = standing(state, k);
  const name = nameOf(item, k);
  return {
    name, given, now, model, stood, p: item.model?.p[k] ?? null,
    active: k === state.active,
    grouped: Array.isArray(state.group) && state.group.includes(k),
    said: `${name}: given ${NAMES_OF_FLAGS[given]}, now ${NAMES_OF_FLAGS[now]}, ${stood}`,
  };
}

function build({ name, given, now, model, stood, p, active, grouped, said }, id, k) {
  const disagrees = model !== null && model !== now;
  const kinds = ["row", grouped && "grouped", disagrees && "disagrees", stood === "conflict" && "stale"];
  return html("div", {
    class: kinds.filter(Boolean).join(" "), role: "option", id, "data-row": k,
    "aria-selected": String(active), "aria-label": said,
  }, [
    html("span", { class: `tick is-${stood}`, title: stood }, [TICKS[stood]]),
    html("span", { class: "word", title: name }, [name]),
    icon(given),
    ...towards({ given, now, model }),
    bar(p),
    html("span", { class: "number" }, [p ? Math.max(...p).toFixed(2) : ""]),
  ]);
}

/** The flag it was changed to; else, thin, the one the model suggests. */
function towards({ given, now, model }) {
  const suggested = now === given && model !== null && model !== now;
  const to = suggested ? model : now;
  if (to === given) return [html("span"), html("span")];
  const title = suggested ? `the model says ${NAMES_OF_FLAGS[to]}` : `now ${NAMES_OF_FLAGS[to]}`;
  return [html("span", { class: "arrow", title }, ["→"]), icon(to, { thin: suggested })];
}

function bar(p) {
  if (!p) return html("span", { class: "bar none", title: "not predicted" }, ["–"]);
  const words = p.map((share, v) => `${NAMES_OF_FLAGS[v]} ${share.toFixed(2)}`).join(", ");
  const shares = p.map((share, v) => {
    const part = html("i", { class: `p${v}` });
    part.style.width = `${100 * share}%`;
    return part;
  });
  return html("span", { class: "bar", title: words }, shares);
}
