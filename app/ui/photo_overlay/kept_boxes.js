// The boxes drawn on a photo. The browser owns the list and sends it whole; Python answers with
// the list it has taken in, told by its number. A reload of the tab finds the list again.

import { newest, NO_BOXES, recalled } from "./boxes.js";

const STORE = "halfseen-boxes "; // of this tab, one entry per photo
const RESEND_MS = 2500;
const TRIES = 3; // what is said right after a reload may be lost

export class KeptBoxes {
  /** `say` sends a message to Python. */
  constructor(say) {
    this.say = say;
    this.photo = null;
    this.boxes = NO_BOXES;
    this.taken = 0; // the number Python has answered
  }

  get isPending() {
    return this.boxes.seq > this.taken;
  }

  /** Take in what Python knows of a photo. */
  take(photo, theirs) {
    const isNew = photo !== this.photo;
    this.photo = photo;
    const kept = isNew && theirs.seq === 0 ? recalled(sessionStorage.getItem(STORE + photo)) : null;
    this.taken = theirs.seq;
    this.boxes = isNew ? (kept ?? theirs) : newest(this.boxes, theirs);
    if (kept && this.isPending) this.send(TRIES);
    else if (!this.isPending && sessionStorage.getItem(STORE + photo)) this.keep(); // as taken in
  }

  keep() {
    sessionStorage.setItem(STORE + this.photo, JSON.stringify(this.boxes));
  }

  change(boxes) {
    this.boxes = boxes;
    this.keep();
    this.send(1);
  }

  send(tries) {
    const { photo } = this;
    const { seq, whole, list } = this.boxes;
    this.say({ photo, seq, whole, boxes: list, tries });
    if (tries < 2) return;
    setTimeout(() => {
      if (photo === this.photo && this.isPending && seq === this.boxes.seq) this.send(tries - 1);
    }, RESEND_MS);
  }
}
