/// <reference lib="dom" />
import type { Page } from 'playwright-core';
import { waitFor } from '../../support/wait-for.ts';
import type { TestBrowser } from '../../support/chromium.ts';
import type { PagesServer } from './pages-server.ts';

/** Opens a page that remembers nothing, on a stand-in server that was asked for nothing yet. */
export async function openPastPage(browser: TestBrowser, server: PagesServer): Promise<Page> {
  server.api.status = 200;
  server.api.asked.length = 0;
  server.api.library.changes.length = 0;
  const page = await browser.context.newPage();
  // A page puts down where its viewer is when it closes: what the last one left is wiped by the next.
  await page.goto(server.url);
  await page.evaluate('localStorage.clear()');
  return page;
}

/** Waits until the playhead is there, or a little further: it goes on while one looks. */
export function playheadReaches(page: Page, wantedS: number, withinS = 4): Promise<true> {
  return waitFor(`the playhead is at ${wantedS} s`, async () => {
    const atS = await page.evaluate(() => document.querySelector('video')?.currentTime ?? -1);
    if (atS < wantedS || atS > wantedS + withinS) throw new Error(`it is at ${atS}`);
    return true;
  });
}
