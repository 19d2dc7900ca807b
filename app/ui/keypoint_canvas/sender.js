// Sends what is pending after every paint, again when no answer comes, and says how it stands.

import { acknowledge, emptyOutbox, isPending, post, send } from "./outbox.js";

const RESEND_MS = 2500;
const STORE = "halfseen-unsaved"; // of this tab; survives a reload

/** 32 hexadecimal digits; crypto.randomUUID is missing on plain-http addresses but localhost. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Sender {
  /**
   * `say` sends a message to Python, `where` gives {have, at} for it; `onDiscard` is called when
   * somebody gave up what could not be saved. `parts` are root, saved, discard.
   */
  constructor(parts, { say, where, onDiscard }) {
    Object.assign(this, { parts, say, where, onDiscard });
    this.outbox = restored();
    this.timer = setInterval(() => this.resend(), 500);
    this.onLeave = (event) => this.outbox.pending.length > 0 && event.preventDefault();
    window.addEventListener("beforeunload", this.onLeave);
    parts.discard.addEventListener("click", () => this.discard());
  }

  dispose() {
    clearInterval(this.timer);
    window.removeEventListener("beforeunload", this.onLeave);
  }

  post(dataset, item, step) {
    this.outbox = post(this.outbox, dataset, item, step);
    this.keep();
    this.schedule();
  }

  isPending(dataset, item) {
    return isPending(this.outbox, dataset, item);
  }

  /** Take in an acknowledgement; gives what to settle per item. */
  answer(ack) {
    const answer = acknowledge(this.outbox, ack, new Date().toLocaleTimeString("en-GB"));
    if (!answer) return [];
    this.outbox = answer.outbox;
    this.keep();
    return answer.settled;
  }

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
    const { have, at } = this.where();
    const { outbox, message } = send(this.outbox, have);
    this.outbox = outbox;
    this.sentAt = performance.now();
    this.say({ ...message, at });
    this.paint();
  }

  /** Whether the page before a reload left work that was not sent again yet. */
  hasRestored() {
    return this.outbox.pending.length > 0 && this.outbox.seq === 0;
  }

  get isLate() {
    return this.outbox.pending.length > 0 && performance.now() - this.sentAt > RESEND_MS;
  }

  resend() {
    if (this.isLate) this.flush();
    this.paint();
  }

  /** For what can never be saved, as when its dataset was deleted meanwhile. */
  discard() {
    const count = this.outbox.pending.length;
    const what = count === 1 ? "1 change that was" : `${count} changes that were`;
    if (!window.confirm(`Discard ${what} not saved?`)) return;
    this.outbox = { ...this.outbox, pending: [], error: null };
    this.keep();
    this.onDiscard();
  }

  keep() {
    const { pending } = this.outbox;
    if (pending.length === 0) sessionStorage.removeItem(STORE);
    else sessionStorage.setItem(STORE, JSON.stringify(pending));
  }

  paint() {
    const { pending, error, savedAt, seq } = this.outbox;
    const { root, saved, discard } = this.parts;
    const words = error ? `not saved: ${error}`
      : this.isLate ? `not saved yet: no answer (${pending.length} waiting)`
      : pending.length > 0 ? "saving…"
      : savedAt ? `saved ${savedAt}` : "";
    if (saved.textContent !== words) saved.textContent = words;
    saved.classList.toggle("bad", Boolean(error) || this.isLate);
    discard.hidden = !error || pending.length === 0;
    Object.assign(root.dataset, { pending: pending.length, seq });
  }
}

function restored() {
  const outbox = emptyOutbox(randomId());
  try {
    const kept = JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
    return { ...outbox, pending: kept.map((entry) => ({ ...entry, sent: null })) };
  } catch {
    return outbox;
  }
}
