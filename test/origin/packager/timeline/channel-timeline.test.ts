import assert from 'node:assert/strict';
import fc from 'fast-check';
import { FeedError } from '../../../../origin/packager/feed/feed-registry.ts';
import type { Segment } from '../../../../origin/packager/media.ts';
import { parseFeedName } from '../../../../shared/names.ts';
import { Stage } from '../../support/stage.ts';
import { START_MS, START_NUMBER, syntheticInit, syntheticSamples } from '../../support/synthetic.ts';

/** Decode times of a rendition's samples have no hole from one segment to the next. */
function assertContinuous(segments: readonly Segment[]): void {
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1];
    if (next !== undefined) assert.equal(segment.startTicks + segment.durationTicks, next.startTicks);
  }
}

describe('channel timeline', () => {
  it('has a full window of slate from its first moment on', () => {
    const stage = new Stage();
    const view = stage.timeline.view();
    for (const rendition of view.renditions) {
      assert.equal(rendition.segments.length, 9);
      assert.equal(rendition.segments[0]?.number, START_NUMBER - 9);
      assertContinuous(rendition.segments);
    }
    assert.deepEqual(
      view.runs.map(({ state }) => state),
      ['before'],
    );
  });

  it('puts a class on air at the next segment boundary, with one discontinuity in every rendition', () => {
    const stage = new Stage();
    stage.run(500);
    stage.publish('live.b1');
    stage.run(6000);
    for (const rendition of ['720p', '360p', 'audio']) {
      assert.match(stage.picture(rendition), /^s+\|L+$/);
      assertContinuous(stage.segments(rendition));
    }
    assert.equal(stage.timeline.currentRun?.state, 'on-air');
    assert.equal(stage.timeline.currentRun?.broadcast, 'b1');
  });

  it('emits a part of a class as soon as its last frame is there', () => {
    const stage = new Stage();
    stage.publish('live.b1', undefined, { lagMs: 300 });
    stage.run(8000);
    const segment = stage.segments().at(-1);
    assert.ok(segment);
    const headMs = ((segment.startTicks + segment.durationTicks) * 1000) / 90_000;
    // 300 ms of lag, at most one part of 200 ms, and the frame that the step of 20 ms may still hold.
    assert.ok(stage.nowMs - headMs <= 300 + 200 + 40, `${stage.nowMs - headMs} ms behind`);
  });

  it('waits for a class that comes half a second late rather than flash the slate', () => {
    const stage = new Stage();
    stage.publish('live.b1', undefined, { lagMs: 1400 });
    stage.run(12_000);
    assert.match(stage.picture(), /^s+\|L+$/);
  });

  const endings = [
    { how: 'over', withinMs: 1700, state: 'over' },
    { how: 'interrupted', withinMs: 1700, state: 'interrupted' },
    { how: 'broken', withinMs: 4700, state: 'interrupted' },
    { how: 'silent', withinMs: 4700, state: 'interrupted' },
  ] as const;
  for (const { how, withinMs, state } of endings) {
    it(`goes to the slate within ${withinMs} ms of a class that is ${how}`, () => {
      const stage = new Stage();
      const publisher = stage.publish('live.b1');
      stage.run(5000);
      stage.leave(publisher, how);
      stage.run(withinMs + 1000);
      assert.match(stage.picture(), /^s+\|L+\|s+$/);
      assert.equal(stage.timeline.currentRun?.state, state);
    });
  }

  it('takes a teacher who comes back as the same class with a new run', () => {
    const stage = new Stage();
    const first = stage.publish('live.b1');
    stage.run(4800);
    stage.leave(first, 'interrupted');
    stage.run(2000);
    stage.publish('live.b2');
    stage.run(5000);
    assert.match(stage.picture(), /^s*\|L+\|s+\|L+$/);
    const { renditions } = stage.timeline.view();
    assert.deepEqual(
      new Set(renditions.map(({ segments }) => segments.at(-1)?.discontinuity)),
      new Set([false]),
    );
  });

  it('goes on with a connection that broke and came back within its patience, and shows nothing twice', () => {
    const stage = new Stage();
    const publisher = stage.publish('live.b1');
    stage.run(5000);
    stage.leave(publisher, 'broken');
    stage.run(1500);
    stage.connect(publisher, publisher.sentMs - 4000);
    stage.run(5000);
    assert.match(stage.picture(), /^s*\|L+$/);
    assertContinuous(stage.segments());
    assertContinuous(stage.segments('audio'));
  });

  it('completes a segment from a twin when the feed on air loses its line, without a discontinuity or a hole', () => {
    const stage = new Stage();
    const twins = [
      stage.publish('live.b1.a', undefined, { mark: 1 }),
      stage.publish('live.b1.b', undefined, { mark: 2, lagMs: 340 }),
    ];
    stage.run(5200);
    const [onAir] = twins.filter(
      ({ feed }) => stage.timeline.decision(stage.timeline.newestDecided)?.feed?.id === feed,
    );
    assert.ok(onAir);
    stage.leave(onAir, 'broken');
    stage.run(5000);
    assert.match(stage.picture(), /^s*\|L+$/);
    assertContinuous(stage.segments());
    assertContinuous(stage.segments('audio'));
    const last = stage.segments().at(-1);
    assert.ok(stage.nowMs - ((last?.startTicks ?? 0) + (last?.durationTicks ?? 0)) / 90 < 700);
  });

  for (const { name, newcomer } of [
    { name: 'a twin', newcomer: 'live.b5.a' },
    { name: 'another class of the same priority', newcomer: 'live.b1' },
  ]) {
    it(`stays with the feed on air when ${name} comes, whose name sorts before it`, () => {
      const stage = new Stage();
      stage.publish('live.b5.x');
      stage.run(5000);
      stage.publish(newcomer);
      stage.run(5000);
      assert.equal(stage.timeline.decision(stage.timeline.newestDecided)?.feed?.id, 'live.b5.x');
      assert.match(stage.picture(), /^s+\|L+$/);
    });
  }

  it('goes to the slate when a class lags so far that the window has passed it', () => {
    const stage = new Stage({ windowSegments: 8 });
    stage.publish('live.b1', undefined, { lagMs: 14_000 });
    for (let second = 0; second < 20; second += 1) {
      stage.run(1000);
      assert.ok(stage.segments().length > 0, `nothing is listed after ${second + 1} s`);
    }
  });

  it('lets an announcement in at the next boundary, and the class again after it', () => {
    const stage = new Stage({ windowSegments: 30 });
    stage.publish('live.b1');
    stage.run(5000);
    const alarm = stage.publish('emergency', ['360p', 'audio']);
    stage.run(5000);
    assert.equal(stage.timeline.currentRun?.state, 'announcement');
    stage.leave(alarm, 'over');
    stage.run(4000);
    assert.equal(stage.timeline.currentRun?.state, 'on-air');
    assert.match(stage.picture(), /^s+\|L+\|L+\|L+$/);
  });

  it('shows the nearest lower rung where a feed lacks one, and silence where it has no sound', () => {
    const stage = new Stage();
    stage.publish('live.b1', ['360p']);
    stage.run(6000);
    assert.equal(stage.segments('720p').at(-1)?.init.hash, '360p');
    assert.deepEqual(stage.segments('720p').at(-1)?.parts, stage.segments('360p').at(-1)?.parts);
    assert.equal(stage.segments('audio').at(-1)?.init.hash, 'slate-silence');
    assert.match(stage.picture('audio'), /^s+\|s+$/);
  });

  it('shows the slate’s card where a feed has sound alone', () => {
    const stage = new Stage();
    stage.publish('live.b1', ['audio']);
    stage.run(6000);
    assert.equal(stage.segments('audio').at(-1)?.init.hash, 'audio');
    assert.match(stage.picture('720p'), /^s+\|s+$/);
    assert.equal(stage.timeline.currentRun?.state, 'on-air');
  });

  it('adds a rendition that only this feed has', () => {
    const stage = new Stage();
    stage.publish('live.b1', ['1080p', 'audio']);
    stage.run(6000);
    assert.equal(stage.segments('1080p').at(-1)?.init.hash, '1080p');
    assert.equal(stage.segments('1080p')[0]?.discontinuity, true);
    assert.equal(stage.segments('720p').at(-1)?.init.hash, '1080p');
  });

  it('marks a gap where one track of a feed has fallen silent for good', () => {
    const stage = new Stage();
    const whole = stage.publish('live.b1', ['720p', '360p', 'audio']);
    stage.run(5000);
    stage.leave(whole, 'silent');
    const rest = { ...whole, tracks: whole.tracks.filter(({ hash }) => hash !== '720p') };
    stage.connect(rest);
    stage.run(8000);
    assert.match(stage.picture('720p'), /L+-+$/);
    assert.match(stage.picture('360p'), /^s*\|L+$/);
  });

  it('keeps discontinuities counted while they leave the window (RFC 8216bis §6.2.2)', () => {
    const stage = new Stage();
    for (let broadcast = 0; broadcast < 5; broadcast += 1) {
      const publisher = stage.publish(`live.b${broadcast}`);
      stage.run(6000);
      stage.leave(publisher, 'over');
      stage.run(5000);
    }
    for (const { segments, discontinuitySequence } of stage.timeline.view().renditions) {
      const listed = segments.filter(({ discontinuity }) => discontinuity).length;
      assert.equal(discontinuitySequence + listed, 10);
    }
  });

  describe('after a restart', () => {
    it('makes the same segments again from what the uplink sends once more', () => {
      const stage = new Stage();
      const publisher = stage.publish('live.b1');
      stage.run(9000);
      const before = new Map(stage.segments().map((segment) => [segment.number, segment]));
      const sequence = stage.timeline.log.discontinuityNumber(stage.timeline.newestDecided);
      stage.restart();
      stage.run(200);
      stage.connect(publisher, publisher.sentMs - 6000);
      stage.run(3000);
      const after = stage.segments();
      assert.match(stage.picture(), /^L+$/);
      const common = after.filter(({ number, closed }) => closed && before.get(number)?.closed === true);
      assert.ok(common.length >= 2);
      for (const segment of common) assert.deepEqual(segment, before.get(segment.number));
      assert.equal(stage.timeline.log.discontinuityNumber(stage.timeline.newestDecided), sequence);
    });

    it('never shows the slate under a number that may have been a class', () => {
      const stage = new Stage();
      stage.publish('live.b1');
      stage.run(9000);
      const newest = stage.timeline.newestDecided;
      stage.restart();
      stage.run(12_000);
      assert.match(stage.picture(), /^\|s+$/);
      assert.ok((stage.segments()[0]?.number ?? 0) > newest);
    });

    it('counts anew where the runs that were kept lie in the future: they are of another grid', () => {
      const runs = [
        { firstNumber: 2 * START_NUMBER, group: 'slate', broadcast: '', state: 'before' as const },
      ];
      const stage = new Stage({ log: { base: 3, runs } });
      stage.run(2000);
      assert.deepEqual(
        stage.timeline.view().runs.map(({ firstNumber }) => firstNumber),
        [START_NUMBER - 9],
      );
    });

    it('goes on with the slate at once where the slate was on air', () => {
      const stage = new Stage();
      stage.run(4000);
      const numbers = stage.segments().map(({ number }) => number);
      stage.restart();
      assert.ok(stage.segments().length >= numbers.length - 2);
      assert.match(stage.picture(), /^s+$/);
      assert.equal(stage.timeline.log.snapshot().runs.length, 1);
    });
  });

  it('starts anew where nobody watched for longer than the window', () => {
    const stage = new Stage();
    stage.nowMs += 3_600_000;
    stage.timeline.advance(stage.nowMs);
    const segments = stage.segments();
    assert.equal(segments.length, 9);
    assert.equal(segments.at(-1)?.number, Math.floor((stage.nowMs - 500) / 1600) - 0);
    assert.match(stage.picture(), /^s+$/);
  });

  describe('refuses what does not fit', () => {
    const init = syntheticInit('720p', 'video', 720);
    const refused = (act: (stage: Stage) => void, code: string): void => {
      assert.throws(
        () => act(new Stage()),
        (error) => error instanceof FeedError && error.code === code,
      );
    };
    for (const name of ['pirate.b1', 'constructor.b1']) {
      it(`a kind of feed that has no priority: ${name}`, () => {
        refused(
          (stage) => stage.timeline.openTrack(parseFeedName(name), '720p', init, [], START_MS),
          'unknown-feed-kind',
        );
      });
    }
    it('media from the future', () => {
      refused((stage) => {
        stage.timeline.openTrack(parseFeedName('live.b1'), '720p', init, [], START_MS);
        stage.timeline.push(
          'live.b1',
          '720p',
          syntheticSamples(init, START_MS + 20_000, START_MS + 20_100),
          START_MS,
        );
      }, 'media-from-the-future');
    });
    it('but never a teacher whose line drops every few seconds', () => {
      const stage = new Stage();
      for (let attempt = 100; attempt < 140; attempt += 1) {
        const publisher = stage.publish(`live.b${attempt}`);
        stage.run(2500);
        stage.leave(publisher, 'interrupted');
      }
      assert.equal(stage.timeline.currentRun?.broadcast, 'b139');
    });
    it('more feeds and tracks than anyone has', () => {
      refused((stage) => {
        for (let i = 0; i < 99; i += 1)
          stage.timeline.openTrack(parseFeedName(`live.b${i}`), '720p', init, [], START_MS);
      }, 'too-many-feeds');
      refused((stage) => {
        for (let i = 0; i < 99; i += 1)
          stage.timeline.openTrack(parseFeedName('live.b1'), `t${i}`, init, [], START_MS);
      }, 'too-many-tracks');
    });
  });

  it('whatever feeds do: numbers are consecutive, what was listed never changes, and the slate is never far', () => {
    const act = fc.oneof(
      fc.record({
        kind: fc.constant('publish' as const),
        feed: fc.constantFrom('live.b1', 'live.b1.x', 'live.b2', 'emergency'),
      }),
      fc.record({
        kind: fc.constant('leave' as const),
        how: fc.constantFrom('over' as const, 'interrupted' as const, 'broken' as const, 'silent' as const),
      }),
      fc.record({ kind: fc.constant('run' as const), ms: fc.integer({ min: 20, max: 6000 }) }),
    );
    fc.assert(
      fc.property(fc.array(act, { maxLength: 14 }), (acts) => {
        const stage = new Stage();
        const active: ReturnType<Stage['publish']>[] = [];
        const seen = new Map<string, Segment>();
        const check = (): void => {
          for (const rendition of ['720p', '360p', 'audio']) {
            const segments = stage.segments(rendition);
            for (const [index, segment] of segments.entries()) {
              assert.equal(segment.number, (segments[0]?.number ?? 0) + index);
              assert.ok(segment.closed || index === segments.length - 1);
              assert.deepEqual(
                segment.parts.map((part) => part.index),
                segment.parts.map((_, place) => place),
              );
              const known = seen.get(`${rendition}/${segment.number}`);
              for (const [place, part] of known?.parts.entries() ?? [])
                assert.equal(segment.parts[place], part);
              if (known?.closed === true) assert.equal(segment, known);
              seen.set(`${rendition}/${segment.number}`, segment);
            }
          }
        };
        for (const step of acts) {
          if (step.kind === 'publish' && !active.some(({ feed }) => feed === step.feed))
            active.push(stage.publish(step.feed));
          if (step.kind === 'leave') {
            const publisher = active.shift();
            if (publisher !== undefined) stage.leave(publisher, step.how);
          }
          if (step.kind === 'run') stage.run(step.ms);
          check();
        }
        for (const publisher of active) stage.leave(publisher, 'silent');
        stage.run(8000);
        check();
        assert.match(stage.picture('360p'), /s$/);
      }),
      { numRuns: 60 },
    );
  });
});
