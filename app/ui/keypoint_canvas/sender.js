// Sends what is pending after every paint, and again when no answer comes; keeps it over a reload.
// One message at a time: what is decided while its answer is awaited goes with the next, so that a
// server with many annotators is asked no more often than it answers.

import { acknowledge, emptyOutbox, hasUnsent, pendingSteps, post, send } from "./outbox.js";
import { drop, keep, of } from "./refusals.js";

const RESEND_MS = 2500;
const STORE = "halfseen-unsaved"; // of this tab; survives a reload
const REFUSED = "halfseen-refused";

/** 32 hexadecimal digits; crypto.randomUUID is missing on plain-http addresses but localhost. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Sender {
  /**
   * `say` sends a message to Python, `where` gives what it says beside the snapshots, `onChange`
   * is called when there is something new to show, `isWaiting` tells whether an answer is awaited.
   */
  constructor({ say, where, onChange, isWaiting }) {
    Object.assign(this, { say, where, onChange, isWaiting });
    this.outbox = { ...emptyOutbox(randomId()), pending: restored(STORE).map((e) => ({ ...e, sent: null })) };
    this.refusals = restored(REFUSED);
    this.restoring = this.outbox.pending.length > 0; // what a reload left is saved before labels are shown
    Object.assign(this, { scheduled: false, due: false, sentAt: 0, unansweredSince: null });
    this.timer = setInterval(() => this.resend(), 500);
    this.onLeave = (event) => this.outbox.pending.length > 0 && event.preventDefault();
    window.addEventListener("beforeunload", this.onLeave);
  }

  dispose() {
    clearInterval(this.timer);
    window.removeEventListener("beforeunload", this.onLeave);
  }

  post(person, step) {
    this.outbox = post(this.outbox, person, step);
    this.keep();
    this.schedule();
  }

  pending(person) {
    return pendingSteps(this.outbox, person);
  }

  /** Take in an acknowledgement; gives what to settle per person. */
  answer(ack) {
    const now = new Date().toLocaleTimeString("en-GB");
    const answer = acknowledge(this.outbox, ack, now);
    if (!answer) return [];
    this.unansweredSince = null;
    if (this.due) this.schedule();
    const before = this.outbox.pending.length;
    this.outbox = answer.outbox;
    const settled = answer.settled.map((each) => (
      { ...each, stale: each.stale.map((one) => ({ ...one, told: now })) }));
    for (const each of settled) this.refusals = keep(this.refusals, each);
    this.keep();
    if (this.outbox.pending.length === 0 || this.outbox.error) this.restoring = false;
    // The rest of more than one message holds; without progress it is the timer's turn.
    if (hasUnsent(this.outbox) && this.outbox.pending.length < before) this.schedule();
    return settled;
  }

  refused(person) {
    return of(this.refusals, person);
  }

  chosen(person, keypoint) {
    this.refusals = drop(this.refusals, person, keypoint);
    this.keep();
  }

  /** Send after the next paint, so that the screen never waits for the network. */
  schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    const go = () => {
      if (!this.scheduled) return;
      this.scheduled = false;
      this.due = this.unansweredSince !== null;
      if (!this.due) this.flush();
    };
    requestAnimationFrame(() => setTimeout(go));
    setTimeout(go, 60); // a hidden tab paints no frame
  }

  flush() {
    this.scheduled = this.due = false;
    const { outbox, message } = send(this.outbox);
    this.outbox = outbox;
    this.sentAt = performance.now();
    this.unansweredSince ??= this.sentAt;
    this.say({ ...message, ...this.where() });
    this.onChange();
  }

  /** Whether the answer is overdue. */
  get isLate() {
    return this.unansweredSince !== null && performance.now() - this.unansweredSince > RESEND_MS;
  }

  resend() {
    const awaited = this.outbox.pending.length > 0 || this.due || this.isWaiting();
    if (!awaited || performance.now() - this.sentAt < RESEND_MS) return;
    if (this.outbox.seq > 0) this.restoring = false; // rather labels than no labels
    this.flush();
  }

  /** For what can never be saved, as when its dataset was deleted meanwhile. True where agreed. */
  discard() {
    const count = this.outbox.pending.length;
    const what = count === 1 ? "1 change that was" : `${count} changes that were`;
    if (!window.confirm(`Discard ${what} not saved?`)) return false;
    this.outbox = { ...this.outbox, pending: [], error: null };
    this.keep();
    return true;
  }

  keep() {
    store(STORE, this.outbox.pending);
    store(REFUSED, this.refusals);
  }

  /** How saving stands: {words, bad}. */
  get standing() {
    const { pending, error, savedAt } = this.outbox;
    if (error) return { words: `not saved: ${error}`, bad: true };
    if (pending.length > 0 && this.isLate) {
      return { words: `not saved yet: no answer (${pending.length} waiting)`, bad: true };
    }
    if (pending.length > 0) return { words: "saving…", bad: false };
    return { words: savedAt ? `saved ${savedAt}` : "", bad: false };
  }
}

function store(name, list) {
  try {
    if (list.length === 0) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, JSON.stringify(list));
  } catch {
    // Full or forbidden: the work is still held here, and leaving the page asks first.
  }
}

function restored(name) {
  try {
    const kept = JSON.parse(sessionStorage.getItem(name) ?? "[]");
    return Array.isArray(kept) ? kept : [];
  } catch {
    return [];
  }
}
