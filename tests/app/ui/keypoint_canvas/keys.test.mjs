import assert from "node:assert/strict";
import { test } from "node:test";

import { commandOf } from "../../../../app/ui/keypoint_canvas/keys.js";

const press = (code, changes = {}) => ({ code, key: "", ...changes });
const control = { ctrlKey: true };

const TABLE = [
  ["row digits set a flag", press("Digit2", { key: "2" }), { do: "set", v: 2, stay: false }],
  ["so does the numpad", press("Numpad0", { key: "0" }), { do: "set", v: 0, stay: false }],
  ["a French keyboard types & there", press("Digit1", { key: "&" }), { do: "set", v: 1, stay: false }],
  ["shift stays, whatever it types", press("Digit0", { key: "=", shiftKey: true }), { do: "set", v: 0, stay: true }],
  ["the slash is CVAT's hidden", press("Slash", { key: "/" }), { do: "set", v: 1, stay: false }],
  ["a German minus lies there too", press("Slash", { key: "-" }), { do: "zoom", factor: 0.8 }],
  ["the question mark shows the keys", press("Slash", { key: "?", shiftKey: true }), { do: "sheet" }],
  ["Tab goes on", press("Tab"), { do: "step", by: 1 }],
  ["and back with shift", press("Tab", { shiftKey: true }), { do: "step", by: -1 }],
  ["control Z undoes", press("KeyZ", control), { do: "undo" }],
  ["with shift it restores", press("KeyZ", { ...control, shiftKey: true }), { do: "redo" }],
  ["as does control Y", press("KeyY", control), { do: "redo" }],
  ["B keeps mine", press("KeyB"), { do: "choose", mine: true }],
  ["T takes theirs", press("KeyT"), { do: "choose", mine: false }],
  ["a German Z lies at Y", press("KeyY", { ...control, key: "z" }), { do: "undo" }],
  ["and a German Y at Z", press("KeyZ", { ...control, key: "y" }), { do: "redo" }],
  ["a Cyrillic letter counts by its place", press("KeyZ", { ...control, key: "я" }), { do: "undo" }],
  ["capitals locked are letters", press("KeyX", { key: "X" }), { do: "unsure" }],
  ["the third level types signs", press("KeyQ", { key: "@", getModifierState: (name) => name === "AltGraph" }), null],
  ["a bare Z fits", press("KeyZ"), { do: "fit" }],
  ["alt and an arrow nudge", press("ArrowUp", { altKey: true }), { do: "nudge", dx: 0, dy: -1 }],
  ["ten pixels with shift", press("ArrowLeft", { altKey: true, shiftKey: true }), { do: "nudge", dx: -10, dy: 0 }],
  ["control R stays the browser's", press("KeyR", control), null],
  ["shift and a letter mean nothing", press("KeyX", { shiftKey: true }), null],
];

for (const [words, event, command] of TABLE) {
  test(words, () => assert.deepEqual(commandOf(event), command));
}

test("H hides, but names a group after G", () => {
  assert.deepEqual(commandOf(press("KeyH")), { do: "hide" });
  assert.deepEqual(commandOf(press("KeyH"), { choosingGroup: true }), { do: "group", name: "head" });
});
