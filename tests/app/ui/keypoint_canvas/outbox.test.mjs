import assert from "node:assert/strict";
import { test } from "node:test";

import { acknowledge, emptyOutbox, isPending, post, send } from "../../../../app/ui/keypoint_canvas/outbox.js";

const anEdit = (keypoint, base_revision = 0) => ({ keypoint, base_revision, kind: "set", v: 1 });
const aStep = (step, ...edits) => ({ step, undoes: null, edits });
const anAnswer = (changes) => ({ dataset: "d", item: 7, revisions: [1, 1, 1], stale: [], ...changes });
const anAck = (seq, ...items) => ({ client: "me", seq, error: null, items });

function outboxWith(...steps) {
  return steps.reduce((outbox, step) => post(outbox, "d", 7, step), emptyOutbox("me"));
}

test("a message is whole: every step not yet acknowledged, oldest first", () => {
  const first = send(outboxWith(aStep("a", anEdit(0), anEdit(1))), 3);
  const second = send(post(first.outbox, "d", 8, aStep("b", anEdit(2))), 3);
  assert.deepEqual(second.message, {
    client: "me", seq: 2, have: 3,
    snapshots: [
      { dataset: "d", item: 7, seq: 2, step: "a", undoes: null, edits: [anEdit(0), anEdit(1)] },
      { dataset: "d", item: 8, seq: 2, step: "b", undoes: null, edits: [anEdit(2)] },
    ],
  });
});

test("acknowledged edits leave; those sent later stay", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0))), null);
  const later = send(post(outbox, "d", 7, aStep("b", anEdit(1))), null).outbox;
  const answer = acknowledge(later, anAck(1, anAnswer()), "14:03:22");
  assert.deepEqual(answer.outbox.pending.map(({ step }) => step), ["b"]);
  assert.equal(answer.outbox.savedAt, "14:03:22");
  assert.deepEqual(answer.settled[0].saved, new Set([0]));
});

test("a keypoint with a later edit is not settled yet", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0))), null);
  const later = post(outbox, "d", 7, aStep("b", anEdit(0, 1)));
  assert.deepEqual(acknowledge(later, anAck(1, anAnswer()), "now").settled[0].saved, new Set());
});

test("an answer to another editor or an older one is no answer", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0))), null);
  assert.equal(acknowledge(outbox, { ...anAck(1, anAnswer()), client: "other" }, "now"), null);
  assert.equal(acknowledge(outbox, null, "now"), null);
});

test("a refusal drops the later edits of that keypoint and of no other", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0), anEdit(1))), null);
  const later = post(post(outbox, "d", 7, aStep("b", anEdit(0, 1))), "d", 8, aStep("c", anEdit(0)));
  const stale = [{ step: "a", keypoint: 0, revision: 5 }];
  const answer = acknowledge(later, anAck(1, anAnswer({ stale })), "now");
  assert.deepEqual(answer.outbox.pending.map(({ item, step }) => [item, step]), [[8, "c"]]);
  assert.deepEqual(answer.settled[0].stale.map(({ step, keypoint }) => [step, keypoint]), [["a", 0]]);
});

test("a refusal names the last value asked for, also where the person is not on screen", () => {
  const first = { ...anEdit(0), x: 1, y: 2, v: 1 };
  const last = { ...anEdit(0, 1), x: 3, y: 4, v: 2 };
  const { outbox } = send(outboxWith(aStep("a", first), aStep("b", last)), null);
  const stale = [{ step: "a", keypoint: 0, revision: 5 }];
  const { settled } = acknowledge(outbox, anAck(1, anAnswer({ stale })), "now");
  assert.deepEqual(settled[0].stale, [{ ...stale[0], mine: { x: 3, y: 4, v: 2 } }]);
});

test("a refusal that was answered before is not shown again", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0))), null);
  const stale = [{ step: "a", keypoint: 0, revision: 5 }];
  const once = acknowledge(outbox, anAck(1, anAnswer({ stale })), "now").outbox;
  assert.deepEqual(acknowledge(once, anAck(2, anAnswer({ stale })), "now").settled[0].stale, []);
});

test("an error keeps everything pending and is shown", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0))), null);
  const answer = acknowledge(outbox, { ...anAck(1), error: "the disk is full" }, "now");
  assert.equal(answer.outbox.error, "the disk is full");
  assert.equal(answer.outbox.savedAt, null);
  assert.equal(isPending(answer.outbox, "d", 7), true);
});

test("work of the person before travels along until it is acknowledged", () => {
  const first = post(emptyOutbox("me"), "d", 7, aStep("a", anEdit(0)));
  const { outbox, message } = send(post(first, "d", 8, aStep("b", anEdit(0))), null);
  assert.deepEqual(message.snapshots.map(({ item }) => item), [7, 8]);
  const answer = acknowledge(outbox, anAck(1, anAnswer({ item: 8 })), "now");
  assert.deepEqual([isPending(answer.outbox, "d", 7), isPending(answer.outbox, "d", 8)], [true, false]);
});
