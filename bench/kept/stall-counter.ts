/// <reference lib="dom" />
import type { Page } from 'playwright-core';

/** A picture that stands longer than this is a stall, milliseconds: as in `glass`. */
const STALL_MS = 250;

/** Begins to count the stalls of a page's picture; what was counted before is forgotten. */
export function countStalls(page: Page): Promise<void> {
  return page.evaluate((stallMs) => {
    const counted = globalThis as typeof globalThis & { stalls?: number; counting?: boolean };
    counted.stalls = 0;
    if (counted.counting === true) return;
    counted.counting = true;
    const video = document.querySelector('video');
    let lastMs = performance.now();
    const look = (nowMs: number): void => {
      if (nowMs - lastMs > stallMs) counted.stalls = (counted.stalls ?? 0) + 1;
      lastMs = nowMs;
      video?.requestVideoFrameCallback(look);
    };
    video?.requestVideoFrameCallback(look);
  }, STALL_MS);
}

/** How many there were since. */
export function stallsOf(page: Page): Promise<number> {
  return page.evaluate(() => (globalThis as typeof globalThis & { stalls?: number }).stalls ?? Number.NaN);
}
