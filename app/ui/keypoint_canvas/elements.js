// New HTML elements. Words are always text, never markup.

import { glyph, svg } from "./glyph.js";

/** A new HTML element with attributes; children may be elements or words. */
export function html(tag, attributes = {}, children = []) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A button; `press` is called when it is used. */
export function button(words, title, press, attributes = {}) {
  const element = html("button", { type: "button", title, ...attributes }, [words]);
  element.addEventListener("click", press);
  return element;
}

/** The glyph of a flag as a small picture beside words. */
export function icon(flag, { thin = false } = {}) {
  const about = { class: "icon", viewBox: "-8 -8 16 16", "aria-hidden": "true" };
  return svg("svg", about, [glyph(flag, { thin })]);
}

/** Set the words of an element only where they are others. */
export function setWords(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
