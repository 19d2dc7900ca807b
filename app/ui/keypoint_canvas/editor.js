// The keypoint editor. State of the item on screen lives here: a key paints first, then a whole
// snapshot of everything not yet on disk goes to Python, which answers with acknowledgements.
// `data` for an item that is on screen is never read as labels again, so that a late answer
// cannot undo fresh strokes.

import { commandOf } from "./keys.js";
import { acknowledge, emptyOutbox, isPending, post, send } from "./outbox.js";
import { detail, html, keySheet, rows } from "./panel.js";
import { Stage } from "./stage.js";
import { apply, openItem, settle } from "./state.js";

const RESEND_MS = 2500;
const OUTBOX_KEY = "halfseen-unsaved"; // of this tab; survives a reload
const editors = new WeakMap(); // parentElement -> Editor

export default function mount(component) {
  const { parentElement } = component;
  let editor = editors.get(parentElement);
  if (!editor) {
    editor = new Editor(parentElement);
    editors.set(parentElement, editor);
  }
  editor.component = component;
  editor.take(component.data);
  // Streamlit also calls this for a call that newer data overtook, with the editor on screen.
  return () => setTimeout(() => {
    if (editor.root.isConnected) return;
    editor.dispose();
    editors.delete(parentElement);
  });
}

function randomId() {
  // crypto.randomUUID is missing on plain-http addresses other than localhost
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

class Editor {
  constructor(parent) {
    this.items = new Map(); // annotation id -> state
    this.current = null;
    this.have = null; // number of the window of items last taken in
    this.reset = null;
    this.outbox = restoreOutbox();
    this.show = { names: false, model: true, hidden: false };
    this.build(parent);
    this.listen();
    this.timer = setInterval(() => this.resend(), 500);
  }

  build(parent) {
    const style = html("link", { rel: "stylesheet", href: new URL("editor.css", import.meta.url).href });
    const part = (tag, name, attributes = {}) => (this[name] = html(tag, { class: name, ...attributes }));
    const stage = part("div", "stageHost", {
      tabindex: "0", role: "application", "aria-label": "Keypoint editor", "aria-describedby": "note",
    });
    this.root = html("div", { class: "editor" }, [
      html("div", { class: "top" }, [part("div", "moves"), part("div", "people"), part("div", "toggles")]),
      html("div", { class: "body" }, [
        html("div", { class: "left" }, [stage, html("div", { class: "below" }, [
          part("div", "note", { id: "note", role: "status" }), part("div", "saved", { role: "status" }),
          part("button", "discard", { type: "button", tabindex: "-1", hidden: "" }),
        ])]),
        html("aside", { class: "side" }, [
          part("div", "list", { role: "listbox", "aria-label": "Keypoints" }),
          part("div", "details"),
        ]),
      ]),
      part("div", "sheet", { role: "dialog", "aria-label": "Keys", hidden: "" }),
    ]);
    this.sheet.append(...keySheet());
    this.discard.textContent = "Discard what is not saved";
    this.discard.addEventListener("click", () => this.discardPending());
    parent.append(style, this.root);
    this.parent = [style, this.root];
    this.stage = new Stage(stage, (command) => this.obey(command));
    this.buildToolbar();
  }

  buildToolbar() {
    const button = (words, title, command) => {
      const element = html("button", { type: "button", title, tabindex: "-1" }, [words]);
      element.addEventListener("click", () => {
        this.obey(command);
        this.focus();
      });
      return element;
    };
    this.position = html("span", { class: "position" });
    this.moves.append(
      button("←", "previous item (←)", { do: "item", by: -1 }), this.position,
      button("→", "next item (→)", { do: "item", by: 1 }),
    );
    this.toggleButtons = {
      names: button("Names", "J", { do: "names" }),
      model: button("Model", "M", { do: "model" }),
      hidden: button("Hide", "H, held", { do: "toggleHidden" }),
    };
    this.toggles.append(...Object.values(this.toggleButtons), button("?", "all keys", { do: "sheet" }));
  }

  listen() {
    this.onKey = (event) => this.key(event);
    this.onKeyUp = (event) => event.code === "KeyH" && this.setHidden(false);
    // A page that was just opened has its focus nowhere: the keys are meant for the editor.
    this.onStrayKey = (event) => {
      if (document.activeElement === document.body && this.root.isConnected) this.key(event, true);
    };
    this.onLeave = (event) => this.outbox.pending.length > 0 && event.preventDefault();
    this.root.addEventListener("keydown", this.onKey);
    this.root.addEventListener("keyup", this.onKeyUp);
    this.root.addEventListener("focusout", () => this.setHidden(false));
    this.root.addEventListener("click", (event) => this.click(event));
    document.addEventListener("keydown", this.onStrayKey, true);
    window.addEventListener("beforeunload", this.onLeave);
  }

  dispose() {
    clearInterval(this.timer);
    document.removeEventListener("keydown", this.onStrayKey, true);
    window.removeEventListener("beforeunload", this.onLeave);
    this.stage.dispose();
    for (const element of this.parent) element.remove();
  }

  // ---- what Python sends -------------------------------------------------------------------

  take({ ack, window: shown }) {
    const answer = acknowledge(this.outbox, ack, new Date().toLocaleTimeString("en-GB"));
    if (answer) {
      this.outbox = answer.outbox;
      this.keepOutbox();
      for (const settled of answer.settled) this.settle(settled);
    }
    if (shown.items && shown.n > (this.have ?? 0)) this.takeWindow(shown);
    else if (this.have === null) this.flush(); // freshly mounted beside an old answer: ask for all
    this.paint();
  }

  settle({ dataset, item, revisions, stale, saved }) {
    const state = this.items.get(item);
    if (state && dataset === this.dataset) this.items.set(item, settle(state, { revisions, stale }, saved));
  }

  takeWindow(shown) {
    if (shown.dataset !== this.dataset) this.items.clear();
    this.dataset = shown.dataset;
    for (const item of shown.items) this.takeItem(item, shown.current);
    const told = shown.reset !== this.reset || !this.items.has(this.current);
    Object.assign(this, { have: shown.n, reset: shown.reset, order: shown.order, total: shown.total });
    if (told) this.open(shown.current);
    for (const url of shown.prefetch) new Image().src = url;
    if (this.outbox.pending.length > 0 && this.outbox.seq === 0) this.flush();
  }

  takeItem(item) {
    const old = this.items.get(item.id);
    if (old && (item.id === this.current || isPending(this.outbox, item.dataset, item.id))) return;
    const same = old?.points.every((point, k) => point.revision === item.revisions[k]);
    this.items.set(item.id, same && Object.keys(old.stale).length === 0 ? { ...old, item } : openItem(item));
  }

  open(id) {
    this.current = id;
    const state = this.items.get(id);
    if (!state) return;
    this.items.set(id, { ...state, ghost: null, group: null });
    this.stage.open(state.item);
    this.drawPeople(state.item);
    this.paint();
    this.focus({ unlessTyping: true });
  }

  // ---- what the annotator does -------------------------------------------------------------

  key(event, stray = false) {
    if (event.isComposing) return;
    if (this.leaving && event.code === "Tab") return;
    const state = this.items.get(this.current);
    const command = commandOf(event, { choosingGroup: state?.group === "choosing" });
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    // Streamlit listens for a bare c and r on the document.
    if (plain || command) event.stopPropagation();
    // Escape that has something to cancel is for that; the next Tab leaves otherwise.
    this.leaving = event.code === "Escape" && !state?.ghost && !state?.group && this.sheet.hidden;
    if (!command || (event.target.closest?.("button") && ["Enter", "Space"].includes(event.code))) return;
    event.preventDefault();
    if (stray) this.focus();
    this.obey(command);
  }

  click(event) {
    const choose = event.target.closest("[data-choose]");
    const row = event.target.closest("[data-row]");
    if (choose) {
      const { choose: keypoint, mine } = choose.dataset;
      this.obey({ do: "choose", keypoint: Number(keypoint), mine: mine === "true" });
    } else if (row) this.obey({ do: "pick", keypoint: Number(row.dataset.row) });
    else return;
    this.focus();
  }

  obey(command) {
    const own = {
      item: () => this.moveItem(command.by),
      person: () => this.movePerson(command.by),
      visit: () => this.visit(command.id),
      names: () => this.toggle("names"),
      model: () => this.toggle("model"),
      hide: () => this.setHidden(true),
      toggleHidden: () => this.setHidden(!this.show.hidden),
      fit: () => this.stage.toggleFit(),
      zoom: () => this.stage.zoomBy(command.factor),
      sheet: () => (this.sheet.hidden = !this.sheet.hidden),
    }[command.do];
    if (own) return own();
    if (command.do === "escape") this.sheet.hidden = true;
    this.decide(command);
    if (this.leaving) this.note.textContent = "Tab now leaves the editor";
    return undefined;
  }

  decide(command) {
    const before = this.items.get(this.current);
    if (!before) return;
    const step = randomId();
    const { state, edits, undoes } = apply(before, command, step);
    this.items.set(this.current, state);
    if (edits.length > 0) {
      this.outbox = post(this.outbox, this.dataset, this.current, { step, undoes, edits });
      this.keepOutbox();
      this.schedule();
    }
    this.paint();
  }

  toggle(what) {
    this.show = { ...this.show, [what]: !this.show[what] };
    this.paint();
  }

  setHidden(hidden) {
    if (hidden === this.show.hidden) return;
    this.show = { ...this.show, hidden };
    this.paint();
  }

  moveItem(by) {
    const here = this.order.indexOf(this.current);
    const state = this.items.get(this.current);
    const to = here < 0 ? this.order[0] : this.order[here + by];
    if (to === undefined) {
      this.items.set(this.current, { ...state, note: by > 0 ? "The last item" : "The first item" });
      return this.paint();
    }
    return this.visit(to);
  }

  movePerson(by) {
    const { persons } = this.items.get(this.current).item;
    const here = persons.indexOf(this.current);
    if (persons.length > 1) this.visit(persons[(here + by + persons.length) % persons.length]);
  }

  visit(id) {
    if (id === this.current || !this.items.has(id)) return;
    this.open(id);
    this.schedule();
  }

  // ---- sending -----------------------------------------------------------------------------

  /** Send after the next paint, so that the screen never waits for the network. */
  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    const go = () => {
      if (this.scheduled) this.flush();
    };
    requestAnimationFrame(() => setTimeout(go));
    setTimeout(go, 60); // a hidden tab paints no frame
  }

  flush() {
    this.scheduled = false;
    const { outbox, message } = send(this.outbox, this.have);
    this.outbox = outbox;
    this.sentAt = performance.now();
    const at = { dataset: this.dataset ?? null, item: this.current, reset: this.reset };
    this.component.setStateValue("edit", { ...message, at });
    this.paintSaved();
  }

  resend() {
    if (this.outbox.pending.length > 0 && performance.now() - this.sentAt > RESEND_MS) this.flush();
    this.paintSaved();
  }

  /** For what can never be saved, as when its dataset was deleted meanwhile. */
  discardPending() {
    const count = this.outbox.pending.length;
    if (!window.confirm(`Discard ${count} changes that were not saved?`)) return;
    this.outbox = { ...this.outbox, pending: [], error: null };
    this.keepOutbox();
    this.items.clear();
    this.have = null;
    this.flush(); // asks for the labels as they are on disk
  }

  keepOutbox() {
    const { pending } = this.outbox;
    if (pending.length === 0) sessionStorage.removeItem(OUTBOX_KEY);
    else sessionStorage.setItem(OUTBOX_KEY, JSON.stringify(pending));
  }

  // ---- painting ----------------------------------------------------------------------------

  paint() {
    const state = this.items.get(this.current);
    this.paintSaved();
    if (!state) return;
    this.stage.draw(state, this.show);
    this.root.classList.toggle("overlay-hidden", this.show.hidden);
    for (const [name, button] of Object.entries(this.toggleButtons)) {
      button.setAttribute("aria-pressed", String(this.show[name]));
    }
    this.list.replaceChildren(...rows(state));
    this.list.children[state.active]?.scrollIntoView({ block: "nearest" });
    this.details.replaceChildren(...detail(state));
    this.note.textContent = state.note || state.item.why;
    const here = this.order.indexOf(this.current);
    this.position.textContent = here < 0 ? "–" : `photo ${state.item.place} / ${this.total}`;
    this.root.dataset.item = this.current;
    this.root.dataset.active = state.active;
  }

  drawPeople(item) {
    const chip = (id, n) => {
      const element = html("button", {
        type: "button", tabindex: "-1", "aria-pressed": String(id === item.id),
        title: `annotation ${id}`,
      }, [String(n + 1)]);
      element.addEventListener("click", () => {
        this.visit(id);
        this.focus();
      });
      return element;
    };
    const words = html("span", { class: "title", title: item.title }, [item.title]);
    this.people.replaceChildren(words, ...(item.persons.length > 1 ? item.persons.map(chip) : []));
  }

  paintSaved() {
    const { pending, error, savedAt, seq } = this.outbox;
    const late = pending.length > 0 && performance.now() - this.sentAt > RESEND_MS;
    const words = error ? `not saved: ${error}`
      : late ? `not saved yet: no answer (${pending.length} waiting)`
      : pending.length > 0 ? "saving…"
      : savedAt ? `saved ${savedAt}` : "";
    if (this.saved.textContent !== words) this.saved.textContent = words;
    this.saved.classList.toggle("bad", Boolean(error) || late);
    this.discard.hidden = !error || pending.length === 0;
    Object.assign(this.root.dataset, { pending: pending.length, seq });
  }

  focus({ unlessTyping = false } = {}) {
    const typing = document.activeElement?.closest("input, textarea, select, [contenteditable]");
    if (!(unlessTyping && typing)) this.stageHost.focus({ preventScroll: true });
  }
}

function restoreOutbox() {
  const outbox = emptyOutbox(randomId());
  try {
    const kept = JSON.parse(sessionStorage.getItem(OUTBOX_KEY) ?? "[]");
    return { ...outbox, pending: kept.map((entry) => ({ ...entry, sent: null })) };
  } catch {
    return outbox;
  }
}
