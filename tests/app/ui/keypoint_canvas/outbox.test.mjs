import assert from "node:assert/strict";
import { test } from "node:test";

import { acknowledge, emptyOutbox, hasUnsent, pendingSteps, post, send } from "../../../../app/ui/keypoint_canvas/outbox.js";

const anEdit = (keypoint, base_revision = 0) => ({ keypoint, base_revision, kind: "set", v: 1 });
const aStep = (step, ...edits) => ({ step, undoes: null, edits });
const anAnswer = (changes) => ({ dataset: "d", label_set: "main", item: 7, revisions: [1, 1, 1], stale: [], ...changes });
const anAck = (seq, ...items) => ({ client: "me", seq, error: null, items });

const of = (item) => ({ dataset: "d", version: 4, labelSet: "main", annotator: "Ada", item });
const isPending = (outbox, item) => pendingSteps(outbox, of(item)).length > 0;

const SENT = { dataset: "d", version: 4, label_set: "main", annotator: "Ada", seq: 2, undoes: null };

function outboxWith(...steps) {
  return steps.reduce((outbox, step) => post(outbox, of(7), step), emptyOutbox("me"));
}

test("a message is whole: every step not yet acknowledged, oldest first", () => {
  const first = send(outboxWith(aStep("a", anEdit(0), anEdit(1))));
  const second = send(post(first.outbox, of(8), aStep("b", anEdit(2))));
  assert.deepEqual(second.message, {
    client: "me", seq: 2,
    snapshots: [
      { ...SENT, item: 7, step: "a", edits: [anEdit(0), anEdit(1)] },
      { ...SENT, item: 8, step: "b", edits: [anEdit(2)] },
    ],
  });
});

test("acknowledged edits leave; those sent later stay", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0))));
  const later = send(post(outbox, of(7), aStep("b", anEdit(1)))).outbox;
  const answer = acknowledge(later, anAck(1, anAnswer()), "14:03:22");
  assert.deepEqual(answer.outbox.pending.map(({ step }) => step), ["b"]);
  assert.equal(answer.outbox.savedAt, "14:03:22");
  assert.deepEqual(answer.settled[0].saved, new Set([0]));
});

test("a keypoint with a later edit is not settled yet", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0))));
  const later = post(outbox, of(7), aStep("b", anEdit(0, 1)));
  assert.deepEqual(acknowledge(later, anAck(1, anAnswer()), "now").settled[0].saved, new Set());
});

test("an answer to another editor or an older one is no answer", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0))));
  assert.equal(acknowledge(outbox, { ...anAck(1, anAnswer()), client: "other" }, "now"), null);
  assert.equal(acknowledge(outbox, null, "now"), null);
});

test("a refusal drops the later edits of that keypoint and of no other", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0), anEdit(1))));
  const more = post(outbox, of(7), aStep("b", anEdit(0, 1)));
  const later = post(more, of(8), aStep("c", anEdit(0)));
  const stale = [{ step: "a", keypoint: 0, revision: 5 }];
  const answer = acknowledge(later, anAck(1, anAnswer({ stale })), "now");
  assert.deepEqual(answer.outbox.pending.map(({ item, step }) => [item, step]), [[8, "c"]]);
  assert.deepEqual(answer.settled[0].stale.map(({ step, keypoint }) => [step, keypoint]), [["a", 0]]);
});

test("a refusal names the last value asked for, also where the person is not on screen", () => {
  const first = { ...anEdit(0), x: 1, y: 2, v: 1 };
  const last = { ...anEdit(0, 1), x: 3, y: 4, v: 2 };
  const { outbox } = send(outboxWith(aStep("a", first), aStep("b", last)));
  const stale = [{ step: "a", keypoint: 0, revision: 5 }];
  const { settled } = acknowledge(outbox, anAck(1, anAnswer({ stale })), "now");
  assert.deepEqual(settled[0].stale, [{ ...stale[0], mine: { x: 3, y: 4, v: 2 }, steps: ["a", "b"] }]);
});

test("a refusal that was answered before is not shown again", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0))));
  const stale = [{ step: "a", keypoint: 0, revision: 5 }];
  const once = acknowledge(outbox, anAck(1, anAnswer({ stale })), "now").outbox;
  assert.deepEqual(acknowledge(once, anAck(2, anAnswer({ stale })), "now").settled[0].stale, []);
});

test("an error keeps everything pending and is shown", () => {
  const { outbox } = send(outboxWith(aStep("a", anEdit(0))));
  const answer = acknowledge(outbox, { ...anAck(1), error: "the disk is full" }, "now");
  assert.equal(answer.outbox.error, "the disk is full");
  assert.equal(answer.outbox.savedAt, null);
  assert.equal(isPending(answer.outbox, 7), true);
});

test("work of the person before travels along until it is acknowledged", () => {
  const first = post(emptyOutbox("me"), of(7), aStep("a", anEdit(0)));
  const { outbox, message } = send(post(first, of(8), aStep("b", anEdit(0))));
  assert.deepEqual(message.snapshots.map(({ item }) => item), [7, 8]);
  const answer = acknowledge(outbox, anAck(1, anAnswer({ item: 8 })), "now");
  assert.deepEqual([isPending(answer.outbox, 7), isPending(answer.outbox, 8)], [true, false]);
});

test("a message holds 200 steps at most, the oldest; the rest follows after the answer", () => {
  const many = Array.from({ length: 203 }, (_, n) => aStep(`s${n}`, anEdit(0, n), anEdit(1, n)));
  const { outbox, message } = send(outboxWith(...many));
  assert.deepEqual(message.snapshots.map(({ step }) => step), many.slice(0, 200).map(({ step }) => step));
  assert.equal(message.snapshots[199].edits.length, 2);
  assert.equal(hasUnsent(outbox), true);
  const answered = acknowledge(outbox, anAck(1, anAnswer()), "now").outbox;
  const rest = send(answered);
  assert.deepEqual(rest.message.snapshots.map(({ step }) => step), ["s200", "s201", "s202"]);
  assert.equal(hasUnsent(rest.outbox), false);
});

test("a refused undo names what it took back, too", () => {
  const undo = { step: "u", undoes: "a", edits: [anEdit(0)] };
  const { outbox } = send(outboxWith(undo));
  const stale = [{ step: "u", keypoint: 0, revision: 5 }];
  const { settled } = acknowledge(outbox, anAck(1, anAnswer({ stale })), "now");
  assert.deepEqual(settled[0].stale[0].steps, ["u", "a"]);
});

test("what is answered in one label set stays pending in another", () => {
  const own = { ...of(7), labelSet: "Ada" };
  const both = post(outboxWith(aStep("a", anEdit(0))), own, aStep("b", anEdit(0)));
  const { outbox } = send(both);
  const stale = [{ step: "b", keypoint: 0, revision: 5 }];
  const answered = acknowledge(outbox, anAck(1, anAnswer({ label_set: "Ada", stale })), "now");
  assert.deepEqual(answered.outbox.pending.map(({ step }) => step), ["a"]);
  assert.deepEqual(answered.settled.map(({ labelSet, saved }) => [labelSet, saved]), [["Ada", new Set([0])]]);
  const first = acknowledge(outbox, anAck(1, anAnswer()), "now");
  assert.deepEqual(pendingSteps(first.outbox, own).map(({ step }) => step), ["b"]);
});
