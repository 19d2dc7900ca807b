// The elements round the stage: buttons above, words below, the column of keypoints.

import { html, keySheet } from "./panel.js";

/** The editor's elements by name; `press` hears the command of a button. */
export function buildFrame(press) {
  const parts = {};
  const part = (tag, name, attributes = {}, children = []) =>
    (parts[name] = html(tag, { class: name, ...attributes }, children));
  const button = (words, title, command) => {
    const element = html("button", { type: "button", title, tabindex: "-1" }, [words]);
    element.addEventListener("click", () => press(command));
    return element;
  };
  parts.toggleButtons = {
    names: button("Names", "J", { do: "names" }),
    model: button("Model", "M", { do: "model" }),
    hidden: button("Hide", "H, held", { do: "toggleHidden" }),
  };
  const top = html("div", { class: "top" }, [
    html("div", { class: "moves" }, [
      button("←", "previous item (←)", { do: "item", by: -1 }),
      part("span", "position"),
      button("→", "next item (→)", { do: "item", by: 1 }),
    ]),
    part("div", "people"),
    html("div", { class: "toggles" }, [
      ...Object.values(parts.toggleButtons), button("?", "all keys", { do: "sheet" }),
    ]),
  ]);
  const left = html("div", { class: "left" }, [
    part("div", "stageHost", {
      tabindex: "0", role: "application", "aria-label": "Keypoint editor",
      "aria-describedby": "note",
    }),
    html("div", { class: "below" }, [
      part("div", "note", { id: "note", role: "status" }),
      part("div", "saved", { role: "status" }),
      part("button", "discard", { type: "button", tabindex: "-1", hidden: "" }, [
        "Discard what is not saved",
      ]),
    ]),
  ]);
  const side = html("aside", { class: "side" }, [
    part("div", "list", { role: "listbox", "aria-label": "Keypoints" }),
    part("div", "details"),
  ]);
  const sheet = part("div", "sheet", { role: "dialog", "aria-label": "Keys", hidden: "" }, keySheet());
  parts.root = html("div", { class: "editor" }, [
    top, html("div", { class: "body" }, [left, side]), sheet,
  ]);
  parts.style = html("link", {
    rel: "stylesheet", href: new URL("editor.css", import.meta.url).href,
  });
  return parts;
}

/** Name of the photo and a button per person on it; `visit` hears the annotation id. */
export function peopleButtons(item, visit) {
  const chip = (id, n) => {
    const element = html("button", {
      type: "button", tabindex: "-1", title: `annotation ${id}`,
      "aria-pressed": String(id === item.id),
    }, [String(n + 1)]);
    element.addEventListener("click", () => visit(id));
    return element;
  };
  const title = html("span", { class: "title", title: item.title }, [item.title]);
  return [title, ...(item.persons.length > 1 ? item.persons.map(chip) : [])];
}
