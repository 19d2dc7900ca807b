// From a key event to a command. Digits and signs by their place (event.code): a French keyboard
// types & there. Letters as printed: a German Ctrl+Z lies where others have Ctrl+Y.

const FLAGS = {
  Digit0: 0, Digit1: 1, Digit2: 2, Numpad0: 0, Numpad1: 1, Numpad2: 2,
  KeyQ: 1, Slash: 1, KeyO: 0, // habits from CVAT; absolute, never toggles
};
const GROUPS = { KeyH: "head", KeyL: "left", KeyR: "right", KeyA: "all" };
const PLAIN = {
  Enter: { do: "accept" },
  NumpadEnter: { do: "accept" },
  Space: { do: "keep" },
  KeyX: { do: "unsure" },
  ArrowDown: { do: "step", by: 1 },
  ArrowUp: { do: "step", by: -1 },
  KeyN: { do: "person", by: 1 },
  KeyP: { do: "person", by: -1 },
  ArrowRight: { do: "item", by: 1 },
  ArrowLeft: { do: "item", by: -1 },
  KeyF: { do: "item", by: 1 },
  KeyD: { do: "item", by: -1 },
  KeyG: { do: "groups" },
  KeyB: { do: "choose", mine: true },
  KeyT: { do: "choose", mine: false },
  KeyH: { do: "hide" },
  KeyJ: { do: "names" },
  KeyM: { do: "model" },
  KeyZ: { do: "fit" },
  Escape: { do: "escape" },
  NumpadAdd: { do: "zoom", factor: 1.25 },
  NumpadSubtract: { do: "zoom", factor: 0.8 },
};
const BY_CHARACTER = {
  "+": { do: "zoom", factor: 1.25 },
  "=": { do: "zoom", factor: 1.25 },
  "-": { do: "zoom", factor: 0.8 },
  "?": { do: "sheet" },
};
const NUDGE = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** Commands that go on while their key is held; one long press must not decide keypoint after keypoint. */
export const REPEATING = new Set(["step", "person", "item", "nudge", "zoom", "undo", "redo"]);

/** The key by its letter where it types a Latin one, else by its place: "KeyZ", "Digit1". */
export function keyOf({ code, key }) {
  return /^[a-z]$/i.test(key) ? `Key${key.toUpperCase()}` : code;
}

/** The command of a key, or null. `choosingGroup`: G was pressed and a group letter is awaited. */
export function commandOf(event, { choosingGroup = false } = {}) {
  const { key } = event;
  const code = keyOf(event);
  if (event.getModifierState?.("AltGraph")) return null; // it types @ or €
  if (event.ctrlKey || event.metaKey) return withControl(code, event);
  if (event.altKey) return nudge(event);
  if (choosingGroup && code in GROUPS) return { do: "group", name: GROUPS[code] };
  if (code === "Tab") return { do: "step", by: event.shiftKey ? -1 : 1 };
  // A German "-" lies where others have "/", and Shift+0 there types "=": digits win, then characters.
  if (key in BY_CHARACTER && !/^(Digit|Numpad)\d$/.test(code)) return BY_CHARACTER[key];
  if (code in FLAGS) return { do: "set", v: FLAGS[code], stay: Boolean(event.shiftKey) };
  return event.shiftKey ? null : (PLAIN[code] ?? null);
}

function withControl(code, { shiftKey, altKey }) {
  if (altKey) return null;
  if (code === "KeyZ") return { do: shiftKey ? "redo" : "undo" };
  return code === "KeyY" && !shiftKey ? { do: "redo" } : null;
}

function nudge({ code, shiftKey }) {
  if (!(code in NUDGE)) return null;
  const px = shiftKey ? 10 : 1;
  const [dx, dy] = NUDGE[code];
  return { do: "nudge", dx: dx * px, dy: dy * px };
}

/** The key sheet: [keys, what they do] in the order they are learned. docs/keys.md says more. */
export const KEY_SHEET = [
  ["0  1  2", "not labelled, hidden, visible; then go on (with Shift: stay)"],
  ["Enter", "accept the model's flag, or confirm a place"],
  ["Space", "keep the given label"],
  ["X", "unsure: leave it to a second person"],
  ["Tab or ↓, Shift+Tab or ↑", "next, previous keypoint"],
  ["→ or F, ← or D", "next, previous item of the queue"],
  ["N, P", "next, previous person of the photo"],
  ["G, then H L R A", "group: head, left, right, all; then a flag"],
  ["Alt + arrows", "nudge by 1 px (with Shift: 10)"],
  ["Ctrl+Z", "undo, on whichever person it was"],
  ["Ctrl+Shift+Z or Ctrl+Y", "redo"],
  ["B, T", "somebody else was first: keep mine, take theirs"],
  ["+, −, wheel", "zoom; drag the photo to pan"],
  ["Z", "fit the person, once more the photo"],
  ["J, M", "names, model layer"],
  ["H, held", "hide the overlay"],
  ["Q or /, O", "hidden, not labelled (as in CVAT)"],
  ["Esc", "cancel a place, a group, or waiting; then Tab leaves the editor"],
  ["?", "this sheet"],
];
