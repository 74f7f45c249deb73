import { setTimeout as after } from 'node:timers/promises';
import { startChromium } from '../../test/support/chromium.ts';
import { summarize, type Summary } from '../measure/statistics.ts';
import { type JoinReport, reportJoin, SETTLE_MS } from './join-report.ts';
import { installProbe, type PageReport, readProbe } from './page-probe.ts';

/** Several joins of one page, one after the other. */
export type WatchReport = {
  readonly joins: readonly JoinReport[];
  /** All joins together, milliseconds. */
  readonly latencyMs: Summary;
  readonly firstFrameMs: Summary;
  readonly stalls: number;
  readonly droppedFrames: number;
  /** What the pages saw, join by join. */
  readonly pages: readonly PageReport[];
};

const WIDE = { viewport: { width: 1280, height: 720 } };
/** A page that shows nothing by then never will. */
const FIRST_FRAME_WITHIN_MS = 20_000;

/**
 * Watches a page in a Chromium of its own.
 *
 * @param url a page with one video element
 * @param joins how often it is navigated to
 * @param seconds length of each join, after the time to settle
 * @param beforeEnd called while the browser still runs: its CPU time is gone with it
 */
export async function watchPage(
  url: string,
  joins: number,
  seconds: number,
  say: (line: string) => void,
  beforeEnd: () => void = () => {},
): Promise<WatchReport> {
  const browser = await startChromium(WIDE);
  const reports: JoinReport[] = [];
  const pages: PageReport[] = [];
  try {
    const page = await browser.context.newPage();
    await installProbe(page);
    for (let join = 1; join <= joins; join += 1) {
      await page.goto('about:blank');
      await page.goto(url, { waitUntil: 'commit' });
      await page.waitForFunction(
        () => ((globalThis as { glassProbe?: { rows: unknown[] } }).glassProbe?.rows.length ?? 0) > 0,
        null,
        { timeout: FIRST_FRAME_WITHIN_MS, polling: 200 },
      );
      await after(SETTLE_MS + seconds * 1000);
      const seen = await readProbe(page);
      const report = reportJoin(seen);
      reports.push(report);
      pages.push(seen);
      const { p50, p95, p99, max } = report.latencyMs;
      say(
        `join ${join}: p50 ${p50.toFixed(0)} p95 ${p95.toFixed(0)} p99 ${p99.toFixed(0)} max ${max.toFixed(0)} ms · ` +
          `first frame ${report.firstFrameMs?.toFixed(0) ?? '–'} ms · ${report.stalls} stalls · ${report.droppedFrames} dropped · ` +
          `buffer ${report.bufferedMs.p50.toFixed(0)} ms`,
      );
    }
    beforeEnd();
  } finally {
    await browser.stop();
  }
  const settled = pages.flatMap(({ shown }) => {
    const startMs = shown[0]?.toldMs ?? 0;
    return shown.flatMap(({ stampMs, toldMs, displayMs }) =>
      stampMs === null || toldMs - startMs < SETTLE_MS ? [] : [displayMs - stampMs],
    );
  });
  return {
    joins: reports,
    latencyMs: summarize(settled),
    firstFrameMs: summarize(reports.flatMap(({ firstFrameMs }) => firstFrameMs ?? [])),
    stalls: reports.reduce((sum, { stalls }) => sum + stalls, 0),
    droppedFrames: reports.reduce((sum, { droppedFrames }) => sum + droppedFrames, 0),
    pages,
  };
}
