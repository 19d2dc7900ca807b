import assert from "node:assert/strict";
import test from "node:test";

globalThis.window = { addEventListener() {}, removeEventListener() {} };
globalThis.sessionStorage = { getItem: () => null, setItem() {}, removeItem() {} };
globalThis.requestAnimationFrame = (paint) => setTimeout(paint);

const { Sender } = await import("../../../../app/ui/keypoint_canvas/sender.js");

const PERSON = { dataset: "val", label_set: "main", annotator: "Ada", item: 5 };
const painted = () => new Promise((resolve) => setTimeout(resolve, 80));

function aSender() {
  const said = [];
  const sender = new Sender({
    say: (message) => said.push(message), where: () => ({}), onChange() {}, isWaiting: () => false,
  });
  const answer = (seq) => sender.answer({
    client: said.at(-1).client, seq, error: null,
    items: [{ dataset: "val", item: 5, revisions: [seq, 0, 0], stale: [] }],
  });
  return { sender, said, answer };
}

function decide(sender, step) {
  const edit = { keypoint: 0, kind: "set", base_revision: 0, v: 1, x: 1, y: 1, run: null };
  sender.post(PERSON, { step, undoes: null, edits: [edit] });
}

const steps = ({ snapshots }) => snapshots.map(({ step }) => step);

test("what is decided while an answer is awaited goes with the next message", async () => {
  const { sender, said, answer } = aSender();
  decide(sender, "a");
  await painted();
  decide(sender, "b");
  decide(sender, "c");
  await painted();
  assert.deepEqual(said.map(steps), [["a"]]);
  answer(1);
  await painted();
  assert.deepEqual(said.map(steps), [["a"], ["b", "c"]]);
  answer(2);
  await painted();
  assert.equal(said.length, 2);
  sender.dispose();
});

test("without an answer everything is sent again", async (t) => {
  const { sender, said } = aSender();
  decide(sender, "a");
  await painted();
  decide(sender, "b");
  await painted();
  const late = performance.now() + 3000;
  t.mock.method(performance, "now", () => late);
  sender.resend();
  assert.deepEqual(said.map(steps), [["a"], ["a", "b"]]);
  sender.dispose();
});
