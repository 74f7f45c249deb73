import type { Page } from 'playwright-core';
import { FREEZE_MS } from '../glass/join-report.ts';

/** As text, since the transpiler's helper functions do not exist in the page. */
const COUNTER = `{
  const video = document.querySelector('video');
  let lastMs = performance.now();
  const look = (nowMs) => {
    if (nowMs - lastMs > ${FREEZE_MS}) stalls += 1;
    lastMs = nowMs;
    video.requestVideoFrameCallback(look);
  };
  window.stalls = 0;
  video.requestVideoFrameCallback(look);
}`;

/** Starts to count the stalls of a page's video. */
export async function countStalls(page: Page): Promise<void> {
  await page.evaluate(COUNTER);
}

/** The number of stalls since then. */
export function stallsOf(page: Page): Promise<number> {
  return page.evaluate('stalls');
}
