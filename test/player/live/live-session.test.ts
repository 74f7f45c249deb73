/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { LiveEngine } from '../../../player/live/live-engine.ts';
import { LiveSession } from '../../../player/live/live-session.ts';

const BUFFERED: TimeRanges = { length: 0, start: () => 0, end: () => 0 };

/** A video element that plays and pauses, and shows nothing. */
function makeVideo(): HTMLVideoElement {
  return Object.assign(new EventTarget(), {
    ...{ paused: true, seeking: false, readyState: 0, currentTime: 0, playbackRate: 1 },
    ...{ videoWidth: 0, videoHeight: 0, clientHeight: 0, muted: false, volume: 1, buffered: BUFFERED },
    ...{ error: null, ended: false },
    play: async () => {},
    pause: () => {},
    getVideoPlaybackQuality: () => ({ droppedVideoFrames: 0, totalVideoFrames: 0 }),
  }) as HTMLVideoElement;
}

const engine: LiveEngine = {
  ...{ start: () => {}, setLevel: () => {}, resume: () => {}, recoverMedia: () => {}, destroy: () => {} },
  ...{ canSkipPictures: false, setLoading: () => {}, setKeyframesOnly: () => {}, edge: () => null },
  ...{ livePosition: () => null, audioOnlyUrl: () => null, programTimeMs: () => null, runs: () => [] },
  calls: () => [],
};

describe('a live session', () => {
  const globals = Object.getOwnPropertyDescriptors(globalThis);
  let page: EventTarget & { visibilityState: string };
  let video: HTMLVideoElement;
  let session: LiveSession;
  let engines: number;
  let url: string;

  beforeEach(() => {
    mock.timers.enable({ apis: ['setInterval'] });
    page = Object.assign(new EventTarget(), { visibilityState: 'visible' });
    Object.assign(globalThis, { document: page, addEventListener: () => {} });
    engines = 0;
    url = 'http://origin/live/hall-7/index.m3u8';
    video = makeVideo();
    session = new LiveSession(
      video,
      () => url,
      () => {
        engines++;
        return engine;
      },
    );
    session.open();
  });
  afterEach(() => {
    mock.timers.reset();
    for (const name of ['document', 'addEventListener']) {
      const was = globals[name];
      if (was === undefined) Reflect.deleteProperty(globalThis, name);
      else Object.defineProperty(globalThis, name, was);
    }
  });

  it('plays when it is refused no more, though the viewer paused before the video was lent and taken back', () => {
    session.togglePlay();
    session.lendVideo();
    session.refuse('forbidden');
    session.takeVideoBack();
    assert.equal(engines, 1);
    let plays = 0;
    video.play = async () => {
      plays++;
    };
    session.refuse(null);
    assert.deepEqual({ engines, plays }, { engines: 2, plays: 1 });
  });

  for (const { state, isUpdated } of [
    { state: 'visible', isUpdated: true },
    { state: 'hidden', isUpdated: false },
  ]) {
    it(`${isUpdated ? 'updates' : 'does not update'} its view at once when its page becomes ${state}`, () => {
      const { value } = session.view.stats;
      page.visibilityState = state;
      page.dispatchEvent(new Event('visibilitychange'));
      assert.equal(session.view.stats.value !== value, isUpdated);
    });
  }

  describe('that is paused', () => {
    let plays: number;
    beforeEach(() => {
      plays = 0;
      const element = Object.assign(video, { paused: false });
      element.play = async () => {
        plays++;
      };
      element.dispatchEvent(new Event('playing'));
    });
    const look = (visibility: 'visible' | 'hidden') => {
      page.visibilityState = visibility;
      page.dispatchEvent(new Event('visibilitychange'));
    };
    const systemPauses = () => {
      Object.assign(video, { paused: true });
      video.dispatchEvent(new Event('pause'));
    };

    it('by the system while the page was away plays again when the page is back', () => {
      look('hidden');
      systemPauses();
      assert.deepEqual([session.isPausedBySystem, session.view.paused.value], [true, true]);
      look('visible');
      assert.deepEqual([plays, session.isPausedBySystem], [1, false]);
    });

    it('by the system just before the page was hidden plays again, too', () => {
      systemPauses();
      look('hidden');
      look('visible');
      assert.equal(plays, 1);
    });

    it('by a headset in front of the page waits for it, and for nobody else', () => {
      systemPauses();
      look('visible');
      assert.equal(plays, 0);
      session.togglePlay();
      assert.deepEqual([plays, session.isPausedBySystem], [1, false]);
    });

    it('by the viewer stays paused', () => {
      session.togglePlay();
      systemPauses();
      look('hidden');
      look('visible');
      assert.deepEqual([plays, session.isPausedBySystem], [0, false]);
    });

    it('by its own failure is not anybody’s wish', () => {
      Object.assign(video, { error: { code: 3 } });
      systemPauses();
      assert.deepEqual([session.isPausedBySystem, session.view.paused.value], [false, false]);
    });
  });
});
