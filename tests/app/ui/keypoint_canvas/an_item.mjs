// Builders with defaults for the tests of the editor's JavaScript.

export const PHOTO = {
  url: "img/x", thumb: "img/x-small", w: 100, h: 80, note: "", title: "photo.jpg", place: 1, total: 3,
};

/** An item of three keypoints: visible, hidden, absent. */
export function anItem(changes = {}) {
  return {
    dataset: "d", annotator: "Ada", id: 7, image: 1, why: "in file order", photo: PHOTO,
    names: ["nose", "left_eye", "right_eye"],
    edges: [[0, 1], [0, 2]],
    groups: { head: [0, 1, 2], left: [1], right: [2], all: [0, 1, 2] },
    box: [10, 10, 40, 60],
    given: [[20, 20, 2], [30, 20, 1], [0, 0, 0]],
    current: [[20, 20, 2], [30, 20, 1], [0, 0, 0]],
    revisions: [0, 0, 0],
    reviewed: [false, false, false],
    unsure: [false, false, false],
    steps: [null, null, null],
    history: [[], [], []],
    model: null,
    held_by: null,
    ...changes,
  };
}

/** The opinion of a run: sure that all three are hidden, and where. */
export function aModel(changes = {}) {
  return {
    run: "tiny-1",
    xy: [[21, 21], [31, 21], [40, 22]],
    p: [[0.1, 0.7, 0.2], [0.1, 0.8, 0.1], [0.2, 0.6, 0.2]],
    ...changes,
  };
}

/** What holds on a keypoint, as entries of the undo log have it. */
export function aHeld(changes = {}) {
  return { x: 20, y: 20, v: 2, reviewed: false, unsure: false, step: null, ...changes };
}

/** An entry of the undo log: one keypoint from visible to `after`. */
export function anEntry(step, { item = 7, keypoint = 0, before = {}, after = {} } = {}) {
  const change = { keypoint, before: aHeld(before), after: aHeld({ v: 1, reviewed: true, step, ...after }) };
  return { step, item, changes: [change] };
}
