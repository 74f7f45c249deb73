/** How often a hidden page works, in milliseconds. */
const HIDDEN_EVERY_MS = 250;

/**
 * Works again and again, also while the page is hidden: there browsers hold timers back, to once a minute for a page without sound.
 *
 * @param everyMs while the page is visible, milliseconds
 */
export function steadyInterval(work: () => void, everyMs: number): void {
  let worker: Worker | null = null;
  setInterval(work, everyMs);
  const follow = (): void => {
    worker?.terminate();
    worker = document.visibilityState === 'hidden' ? ticking(work) : null;
    work();
  };
  document.addEventListener('visibilitychange', follow);
  follow();
}

function ticking(work: () => void): Worker | null {
  try {
    const worker = new Worker(new URL('./tick-worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', work);
    worker.postMessage(HIDDEN_EVERY_MS, { transfer: [] });
    return worker;
  } catch {
    // Without workers the held-back timer has to do.
    return null;
  }
}
