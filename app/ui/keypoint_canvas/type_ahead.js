// What is typed while the next item is on its way: kept in order, performed when it is there.
// Pure functions; a wait is {goal, commands}, the goal one of {by, from}, {place, handedOut}, {log}.

export const MOST_COMMANDS = 200;

// What shows or hides something waits for nothing; what the pointer does is about what is seen now.
const TYPED = new Set([
  "set", "accept", "keep", "unsure", "step", "nudge", "groups", "group", "item", "person", "undo",
  "redo", "choose",
]);

/** A wait for `goal` with what is to be done when it is there. */
export function waitFor(goal, commands = []) {
  return { goal, commands, dropped: 0 };
}

/** The wait with one more command typed. */
export function typed(wait, command) {
  if (!TYPED.has(command.do) || command.pointed) return wait;
  if (wait.commands.length >= MOST_COMMANDS) return { ...wait, dropped: wait.dropped + 1 };
  return { ...wait, commands: [...wait.commands, command] };
}

/** Whether a group letter is the next expected. */
export function isChoosingGroup(wait) {
  return wait.commands.at(-1)?.do === "groups";
}

/** The wait in words. */
export function waitWords({ goal, commands, dropped }, late) {
  const what = goal.log ? "loading your earlier steps …" : "loading …";
  const own = commands.filter(({ own: byEditor }) => !byEditor).length;
  const kept = own === 0 ? "" : ` ${own} key${own === 1 ? "" : "s"} typed ahead`;
  const lost = dropped === 0 ? "" : `, ${dropped} not kept: ${MOST_COMMANDS} are the most`;
  return `${what}${kept}${lost}${late ? " (no answer yet; Esc stays here)" : ""}`;
}
