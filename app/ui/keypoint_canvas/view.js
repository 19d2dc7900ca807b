// What is gone through: the view a window of items is of, and its part of the queue.

/** What a window says of the view it was loaded for. */
export function viewOf({ dataset, version = null, label_set: labelSet, annotator, unit }) {
  return { dataset, version, labelSet, annotator, unit };
}

/** Whether labels and steps of one view are those of the other. */
export function sameView(a, b) {
  return b !== null && ["dataset", "version", "labelSet", "annotator"].every((key) => a[key] === b[key]);
}

/** A window's part of the queue; see queue.js. */
export function partOf({ order, is_first: isFirst, is_last: isLast, progress, current }) {
  return { order, isFirst, isLast, place: progress.place, total: progress.total, at: current };
}
