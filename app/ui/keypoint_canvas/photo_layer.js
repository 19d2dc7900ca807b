// The photo under the overlay: loaded, tried again, and what is said meanwhile.

import { button, html, setWords } from "./elements.js";
import { svg } from "./glyph.js";

const RETRIES_MS = [500, 1500, 4000];
const PATIENCE_MS = 400; // a photo that comes sooner is not announced

export class PhotoLayer {
  constructor() {
    this.image = svg("image", { class: "photo", preserveAspectRatio: "none" });
    this.said = html("span");
    this.again = button("Try again", "load the photo once more", () => this.restart());
    this.words = html("p", { class: "photo-words" }, [this.said, this.again]);
    this.image.addEventListener("error", () => this.retry());
    this.image.addEventListener("load", () => this.say(this.photo.note));
    this.say("");
  }

  dispose() {
    clearTimeout(this.timer);
  }

  show(photo) {
    this.photo = photo;
    if (this.url === photo.url) return;
    this.url = photo.url;
    this.image.setAttribute("width", photo.w);
    this.image.setAttribute("height", photo.h);
    this.restart();
  }

  restart() {
    clearTimeout(this.timer);
    this.tries = 0;
    this.say(this.photo.note);
    this.timer = setTimeout(() => this.say("The photo is loading …"), PATIENCE_MS);
    this.load();
  }

  load() {
    this.image.removeAttribute("href"); // the same address again is no new attempt
    this.image.setAttribute("href", this.url);
  }

  retry() {
    clearTimeout(this.timer);
    if (this.tries >= RETRIES_MS.length) {
      this.say("The photo could not be loaded; its labels can still be changed.", { again: true });
      return;
    }
    this.timer = setTimeout(() => this.load(), RETRIES_MS[this.tries]);
    this.tries += 1;
  }

  say(words, { again = false } = {}) {
    clearTimeout(this.timer);
    setWords(this.said, words);
    this.words.hidden = words === "";
    this.again.hidden = !again;
  }
}

const DECODED = 6;
const decoded = new Map(); // address -> image, held so that it stays decoded

/** Load and decode photos that come next. */
export function decodeAhead(urls) {
  for (const url of urls) {
    if (decoded.has(url)) continue;
    const image = new Image();
    image.src = url;
    image.decode().catch(() => decoded.delete(url)); // shown as missing when its turn comes
    decoded.set(url, image);
  }
  for (const url of decoded.keys()) {
    if (decoded.size <= DECODED) return;
    decoded.delete(url);
  }
}
