/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { PlaybackMeter } from '../../../player/decode/playback-meter.ts';
import type { PlaybackWindow } from '../../../player/decode/playback-window.ts';

/** A video element that plays 24 pictures a second, with so much buffered ahead of it. */
function makeVideo(aheadS: number) {
  const counters = { totalVideoFrames: 0, droppedVideoFrames: 0 };
  const state = { currentTime: 100, paused: false, seeking: false, ended: false };
  const buffered = { length: 1, start: () => 0, end: (): number => video.currentTime + aheadS };
  const getVideoPlaybackQuality = () => ({ ...counters, corruptedVideoFrames: 0, creationTime: 0 });
  const own = { ...state, buffered, getVideoPlaybackQuality };
  const video: EventTarget & typeof own = Object.assign(new EventTarget(), own);
  return { video, counters, media: video };
}

describe('playback meter', () => {
  const was = Object.getOwnPropertyDescriptor(globalThis, 'document');
  beforeEach(() => Object.assign(globalThis, { document: { visibilityState: 'visible' } }));
  afterEach(() => {
    if (was === undefined) Reflect.deleteProperty(globalThis, 'document');
    else Object.defineProperty(globalThis, 'document', was);
  });

  /** Polls four times a second, and does something before some of the polls. */
  const run = (
    aheadS: number,
    polls: number,
    before: (poll: number, made: ReturnType<typeof makeVideo>) => number | undefined = () => undefined,
  ): PlaybackWindow[] => {
    const made = makeVideo(aheadS);
    const meter = new PlaybackMeter(made.media);
    let nowMs = 5000;
    const windows: PlaybackWindow[] = [];
    for (let poll = 0; poll < polls; poll++) {
      nowMs += 250 + (before(poll, made) ?? 0);
      made.video.currentTime += 0.25;
      made.counters.totalVideoFrames += 6;
      const window = meter.poll(nowMs, 250);
      if (window !== null) windows.push(window);
    }
    return windows;
  };

  it('gives a window each second: what was played, decoded, dropped, and how late its timer was', () => {
    const windows = run(0.4, 9, (poll, { counters }) => {
      if (poll === 2) counters.droppedVideoFrames += 5;
      return poll === 7 ? 80 : 0;
    });
    const shared = { playedMs: 1000, decodedFrames: 24, starvedMs: 0 };
    assert.deepEqual(windows, [
      { ...shared, nowMs: 6250, lastsMs: 1000, droppedFrames: 5, timerLateMs: 0 },
      { ...shared, nowMs: 7330, lastsMs: 1080, droppedFrames: 0, timerLateMs: 80 },
    ]);
  });

  const waits = (poll: number, { video }: ReturnType<typeof makeVideo>): undefined => {
    if (poll === 2) video.dispatchEvent(new Event('waiting'));
    if (poll === 4) video.dispatchEvent(new Event('playing'));
  };
  for (const { name, aheadS, want } of [
    { name: 'counts a wait with media in the buffer', aheadS: 0.4, want: 500 },
    { name: 'does not count a wait for media that has not arrived', aheadS: 0.1, want: 0 },
  ]) {
    it(name, () => assert.equal(run(aheadS, 6, waits)[0]?.starvedMs, want));
  }

  for (const { name, before } of [
    {
      name: 'a pause',
      before: (poll: number, { video }: ReturnType<typeof makeVideo>) => {
        video.paused = poll === 3;
      },
    },
    {
      name: 'a seek',
      before: (poll: number, { video }: ReturnType<typeof makeVideo>) => {
        if (poll === 3) video.dispatchEvent(new Event('seeking'));
      },
    },
    {
      name: 'a hidden page',
      before: (poll: number) => {
        Object.assign(globalThis.document, { visibilityState: poll === 3 ? 'hidden' : 'visible' });
      },
    },
    {
      name: 'a new engine, whose counters begin again',
      before: (poll: number, { counters }: ReturnType<typeof makeVideo>) => {
        if (poll === 3) counters.totalVideoFrames = 0;
      },
    },
  ]) {
    it(`begins anew after ${name}`, () => {
      assert.deepEqual(
        run(0.4, 7, (poll, made) => {
          before(poll, made);
          return undefined;
        }),
        [],
      );
      assert.equal(
        run(0.4, 9, (poll, made) => {
          before(poll, made);
          return undefined;
        }).length,
        1,
      );
    });
  }
});
