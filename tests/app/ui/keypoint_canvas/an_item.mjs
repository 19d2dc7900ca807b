// Builders with defaults for the tests of the editor's JavaScript.

/** An item of three keypoints: visible, hidden, absent. */
export function anItem(changes = {}) {
  return {
    dataset: "d", id: 7, title: "photo.jpg", place: 1, why: "in file order",
    photo: { url: "img/x", w: 100, h: 80, note: "" },
    names: ["nose", "left_eye", "right_eye"],
    edges: [[0, 1], [0, 2]],
    groups: { head: [0, 1, 2], left: [1], right: [2], all: [0, 1, 2] },
    box: [10, 10, 40, 60],
    given: [[20, 20, 2], [30, 20, 1], [0, 0, 0]],
    current: [[20, 20, 2], [30, 20, 1], [0, 0, 0]],
    revisions: [0, 0, 0],
    reviewed: [false, false, false],
    model: null,
    persons: [7],
    others: [],
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
