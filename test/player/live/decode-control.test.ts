/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { DecodeControl } from '../../../player/live/decode-control.ts';
import { LevelController } from '../../../player/live/level-controller.ts';
import type { LiveEngine } from '../../../player/live/live-engine.ts';
import { LiveQuality } from '../../../player/live/live-quality.ts';
import { createLiveView } from '../../../player/live/live-view.ts';

const BUFFERED: TimeRanges = { length: 0, start: () => 0, end: () => 0 };
const POLLS_PER_S = 4;

/** A page that plays a class whose playlist, read once, promises so many pictures a second. */
function makePage(promisedFps: number) {
  const counters = { totalVideoFrames: 0, droppedVideoFrames: 0 };
  const video = Object.assign(new EventTarget(), {
    ...{ paused: false, seeking: false, ended: false, currentTime: 0, playbackRate: 1, buffered: BUFFERED },
    ...{ videoWidth: 0, videoHeight: 0, clientHeight: 720, muted: false },
    getVideoPlaybackQuality: () => counters,
  }) as HTMLVideoElement;
  const view = createLiveView(false);
  view.levels.value = [360, 720].map((heightPx) => ({ bitrateBps: 1e6, heightPx, frameRate: promisedFps }));
  view.playing.value = 1;
  let isKeyframesOnly = false;
  const engine: LiveEngine = {
    ...{ start: () => {}, setLevel: () => {}, resume: () => {}, recoverMedia: () => {}, destroy: () => {} },
    ...{ livePosition: () => null, edge: () => null, audioOnlyUrl: () => null },
    ...{
      programTimeMs: () => null,
      calls: () => [],
      runs: () => [],
      canSkipPictures: true,
      setLoading: () => {},
    },
    setKeyframesOnly: (on: boolean) => {
      isKeyframesOnly = on;
    },
  };
  const control = new DecodeControl(video, view, new LiveQuality(view, new LevelController(video), () => {}));
  let nowMs = 0;
  return {
    ...{ view, isKeyframesOnly: () => isKeyframesOnly },
    /** Plays so many pictures a second, of which the browser drops a share. */
    play: (seconds: number, fps: number, lost: number) => {
      for (let poll = 0; poll < seconds * POLLS_PER_S; poll++) {
        nowMs += 1000 / POLLS_PER_S;
        video.currentTime += 1 / POLLS_PER_S;
        counters.totalVideoFrames += fps / POLLS_PER_S;
        counters.droppedVideoFrames += (fps / POLLS_PER_S) * lost;
        control.poll(nowMs, engine);
      }
      return view.busy.value;
    },
  };
}

describe('what a page decodes', () => {
  const was = Object.getOwnPropertyDescriptor(globalThis, 'document');
  beforeEach(() => Object.assign(globalThis, { document: { visibilityState: 'visible' } }));
  afterEach(() => {
    if (was === undefined) Reflect.deleteProperty(globalThis, 'document');
    else Object.defineProperty(globalThis, 'document', was);
  });

  for (const { name, promisedFps, played } of [
    {
      name: 'a slate of 25 fps between two parts of a class of 30 fps',
      promisedFps: 30,
      played: [30, 25, 30],
    },
    { name: 'a class of 15 fps that was joined before it began', promisedFps: 25, played: [25, 15] },
    { name: 'a publisher of 60 fps who comes back with 12', promisedFps: 60, played: [60, 12] },
  ]) {
    it(`stays the same for ${name}`, () => {
      const { play } = makePage(promisedFps);
      for (const fps of played) assert.equal(play(60, fps, 0), 'no', `${fps} fps`);
    });
  }

  it('is less on a device that drops 40 % of the pictures', () => {
    const { play } = makePage(25);
    assert.equal(play(10, 25, 0), 'no');
    assert.equal(play(3, 25, 0.4), 'lower');
  });

  it('never thins the sound that is played alone', () => {
    const { play, view, isKeyframesOnly } = makePage(25);
    play(16, 25, 0.4);
    assert.equal(view.busy.value, 'keyframes');
    assert.equal(isKeyframesOnly(), true);
    view.audioOnly.value = true;
    play(1, 0, 0);
    assert.equal(isKeyframesOnly(), false);
  });
});
