import type { Transfer } from './bandwidth.ts';

/** Transfers of smaller files measure the machine rather than the network. */
const LEAST_BYTES = 4000;

/**
 * Observes media transfers as the browser's network process times them: the page's own clocks include whatever kept
 * its one thread busy meanwhile.
 *
 * @param expect tells whether the file at an address is to be counted: 'awaited' when the server held the answer
 *   back until the file was made, 'ready' when it was there, null when it is not to be counted
 * @param queued called with how long a request for such a file waited before it was sent, in milliseconds
 * @returns stops watching
 */
export function observeTransfers(
  expect: (url: string) => 'awaited' | 'ready' | null,
  emit: (transfer: Transfer) => void,
  queued: (milliseconds: number) => void = () => {},
): () => void {
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (!(entry instanceof PerformanceResourceTiming)) continue;
      const kind = expect(entry.name);
      if (kind !== null && entry.requestStart > 0) queued(entry.requestStart - entry.fetchStart);
      // Zero where a server on another host does not allow timing, and where the cache answered.
      const told = entry.responseStart > 0 && entry.transferSize >= LEAST_BYTES;
      if (kind === null || !told) continue;
      emit({
        atMs: entry.responseEnd,
        sizeBytes: entry.transferSize,
        firstByteMs: entry.responseStart - entry.requestStart,
        bodyMs: entry.responseEnd - entry.responseStart,
        awaited: kind === 'awaited',
      });
    }
  });
  observer.observe({ type: 'resource' });
  return () => observer.disconnect();
}
