import { programOptions, tell } from '../start/program.ts';

/** Keeps a share of one core busy, as an ordinary program with much to do does. */
const { share } = programOptions() as { readonly share: number };
/** Busy and idle in turns of so long: longer than a time slice of the kernel, shorter than a viewer's buffer. */
const TURN_MS = 100;
const never = new Int32Array(new SharedArrayBuffer(4));

/** A turn of work, then the rest of the turn idle. In between the one that started it is heard. */
function turn(): void {
  const untilMs = performance.now() + TURN_MS * share;
  while (performance.now() < untilMs);
  if (share < 1) Atomics.wait(never, 0, 0, TURN_MS * (1 - share));
  setImmediate(turn);
}

tell({ kind: 'started' });
turn();
