import type { Page } from 'playwright-core';
import { BAR_HEIGHT_PX, BARS, readBars } from '../publish/barcode.ts';

/** A picture that was shown. Times are UTC milliseconds by the page's clock, with a fraction. */
export type Shown = {
  /** What is burnt in; null where it could not be read. */
  readonly stampMs: number | null;
  /** When the browser told of it. */
  readonly toldMs: number;
  /** When it is on the screen, by the browser's word. */
  readonly displayMs: number;
  /** Seconds buffered ahead of it. */
  readonly bufferedS: number;
};

/** A video part that arrived in the page. */
export type Arrived = { readonly url: string; readonly endMs: number };

/** What a page went through from its navigation on. */
export type PageReport = {
  readonly shown: readonly Shown[];
  readonly arrived: readonly Arrived[];
  /** From navigation to the first picture, milliseconds; null for none. */
  readonly firstFrameMs: number | null;
  readonly droppedFrames: number;
  /** `waiting` events after the first picture. */
  readonly waits: number;
};

/** What the probe keeps in the page: brightness of the bars as digits, since reading them can wait. */
type Raw = {
  rows: [bars: string, toldMs: number, displayMs: number, bufferedS: number][];
  arrived: [url: string, endMs: number][];
  firstMs: number | null;
  waits: number;
};

/**
 * Runs in the page before its own code: waits for a video element, and reads each picture that is shown.
 * It stands alone, since it is sent to the browser as text.
 */
function probe({ bars, topShare }: { readonly bars: number; readonly topShare: number }): void {
  const raw: Raw = { rows: [], arrived: [], firstMs: null, waits: 0 };
  Object.assign(globalThis, { glassProbe: raw });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries())
      raw.arrived.push([entry.name, performance.timeOrigin + entry.startTime + entry.duration]);
  }).observe({ type: 'resource', buffered: true });
  // The buffer of resource timings is 250 long by default; an observer goes on beyond it.
  performance.setResourceTimingBufferSize(0);
  // Only the rows that are read are copied, as they were decoded: a canvas would turn each whole picture into RGB first,
  // and a fifth of a core is what the player is to have.
  const barsIn = async (frame: VideoFrame): Promise<string> => {
    const { width, height } = frame.visibleRect ?? { width: frame.codedWidth, height: frame.codedHeight };
    const rect = { x: 0, y: 2 * Math.round((height * topShare) / 4), width, height: 2 };
    const bytes = new Uint8Array(frame.allocationSize({ rect }));
    const [luma] = await frame.copyTo(bytes, { rect });
    let read = '';
    for (let bar = 0; bar < bars; bar += 1) {
      const x = Math.floor(((bar + 0.5) * width) / bars);
      read += (bytes[(luma?.offset ?? 0) + x] ?? 0) > 127 ? '1' : '0';
    }
    return read;
  };
  const watch = (video: HTMLVideoElement): void => {
    video.addEventListener('waiting', () => {
      if (raw.firstMs !== null) raw.waits += 1;
    });
    const onFrame: VideoFrameRequestCallback = (_now, told) => {
      const atMs = performance.now();
      const wallMs = Date.now();
      raw.firstMs ??= atMs;
      const { buffered, currentTime } = video;
      const end = buffered.length > 0 ? buffered.end(buffered.length - 1) : currentTime;
      const row: Raw['rows'][number] = [
        '',
        wallMs,
        wallMs + Math.max(0, told.expectedDisplayTime - atMs),
        end - currentTime,
      ];
      raw.rows.push(row);
      video.requestVideoFrameCallback(onFrame);
      const frame = new VideoFrame(video);
      void barsIn(frame)
        .then((read) => {
          row[0] = read;
        })
        .finally(() => frame.close());
    };
    video.requestVideoFrameCallback(onFrame);
  };
  const seen = new Set<HTMLVideoElement>();
  const look = (): void => {
    for (const video of document.querySelectorAll('video')) {
      if (seen.has(video)) continue;
      seen.add(video);
      watch(video);
    }
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
}

/** Has every page of this tab read its pictures from now on. */
export async function installProbe(page: Page): Promise<void> {
  // The compiler's mark for function names is not there in the page.
  await page.addInitScript({ content: 'globalThis.__name = (target) => target;' });
  await page.addInitScript(probe, { bars: BARS, topShare: BAR_HEIGHT_PX / 720 });
}

/** Reads what a page went through so far. */
export async function readProbe(page: Page): Promise<PageReport> {
  const { raw, dropped } = await page.evaluate(() => {
    const { glassProbe } = globalThis as { glassProbe?: Raw };
    const quality = document.querySelector('video')?.getVideoPlaybackQuality();
    return { raw: glassProbe ?? null, dropped: quality?.droppedVideoFrames ?? 0 };
  });
  if (raw === null) throw new Error('the page has no probe');
  return {
    shown: raw.rows.map(([bars, toldMs, displayMs, bufferedS]) => ({
      ...{ toldMs, displayMs, bufferedS },
      stampMs: readBars(Array.from(bars, (bar) => (bar === '1' ? 255 : 0))),
    })),
    arrived: raw.arrived.map(([url, endMs]) => ({ url, endMs })),
    firstFrameMs: raw.firstMs,
    droppedFrames: dropped,
    waits: raw.waits,
  };
}
