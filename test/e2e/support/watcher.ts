/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { waitFor } from '../../support/wait-for.ts';

/** What a page's video element and player say at one moment. */
export type Look = {
  readonly state: string | undefined;
  readonly currentTimeS: number;
  readonly widthPx: number;
  readonly latencyS: number | null;
  readonly pageId: string;
};

/**
 * Looks at a page that plays. `pageId` stays the same until the page is loaded anew.
 */
export function look(page: Page): Promise<Look> {
  return page.evaluate(() => {
    const marked = globalThis as typeof globalThis & {
      pageId?: string;
      lectern?: { latencySeconds(): number | null };
    };
    marked.pageId ??= String(Math.random());
    const video = document.querySelector('video');
    return {
      state: document.documentElement.dataset['state'],
      currentTimeS: video?.currentTime ?? 0,
      widthPx: video?.videoWidth ?? 0,
      latencyS: marked.lectern?.latencySeconds() ?? null,
      pageId: marked.pageId,
    };
  });
}

/** Waits until playback has gone on by some seconds from now, whatever happened before. */
export async function waitForProgress(page: Page, seconds: number, withinMs = 60_000): Promise<Look> {
  // Media time is UTC: a playhead near zero has not found the live edge yet.
  const start = await waitFor(
    'playback begins',
    async () => {
      const now = await look(page);
      return now.currentTimeS > 0 && now.widthPx > 0 ? now : null;
    },
    withinMs,
  );
  return waitFor(
    `${seconds} s more are played`,
    async () => {
      const now = await look(page);
      return now.currentTimeS >= start.currentTimeS + seconds ? now : null;
    },
    withinMs,
  );
}
