import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type DecodeChoices, DecodeLoad } from '../../../player/decode/decode-load.ts';
import type { DecodeStep } from '../../../player/decode/decode-step.ts';
import type { PlaybackWindow } from '../../../player/decode/playback-window.ts';

const ALL: DecodeChoices = { levels: 3, playing: 2, keyframes: true, soundAlone: true };
const FPS = 25;

/** A second of playback in which the browser drops so large a share of the pictures. */
function second(at: number, lost: number, change: Partial<PlaybackWindow> = {}): PlaybackWindow {
  return {
    ...{ nowMs: at * 1000, lastsMs: 1000, playedMs: 1000, decodedFrames: FPS },
    ...{ droppedFrames: Math.round(FPS * lost), starvedMs: 0, timerLateMs: 10 },
    ...change,
  };
}

/** How a step is written in the tables. */
function nameOf({ maxLevel, pictures }: DecodeStep): string {
  return pictures === 'all'
    ? maxLevel === Number.POSITIVE_INFINITY
      ? 'full'
      : `level ${maxLevel}`
    : pictures;
}

/**
 * Plays on a machine that can decode up to a step.
 *
 * @param lostAt share of the pictures that are lost, by second and step
 * @returns the steps, each with the second at which it began
 */
function play(
  seconds: number,
  lostAt: (at: number, step: string) => number,
  choices: DecodeChoices = ALL,
): [number, string][] {
  const load = new DecodeLoad();
  const steps: [number, string][] = [[0, 'full']];
  let { playing } = choices;
  for (let at = 1; at <= seconds; at++) {
    const name = steps.at(-1)?.[1] ?? '';
    const isFewer = name === 'keyframes' || name === 'none';
    const few = { decodedFrames: 1, droppedFrames: 0, starvedMs: lostAt(at, name) > 0.15 ? 300 : 0 };
    const change = isFewer ? few : {};
    const step = load.observe(second(at, lostAt(at, name), change), { ...choices, playing });
    playing = Math.min(choices.playing, step.maxLevel);
    if (nameOf(step) !== name) steps.push([at, nameOf(step)]);
  }
  return steps;
}

describe('decode load', () => {
  const cases: {
    name: string;
    seconds: number;
    lostAt: (at: number, step: string) => number;
    choices?: Partial<DecodeChoices>;
    want: [number, string][];
  }[] = [
    { name: 'a machine that keeps up', seconds: 600, lostAt: () => 0.02, want: [[0, 'full']] },
    {
      name: 'one bad second in ten',
      seconds: 600,
      lostAt: (at) => (at % 10 === 0 ? 0.4 : 0),
      want: [[0, 'full']],
    },
    {
      name: 'two bad seconds are answered in the second one, and 20 s with room undo it',
      seconds: 60,
      lostAt: (at) => (at === 10 || at === 11 ? 0.3 : 0),
      want: [
        [0, 'full'],
        [11, 'level 1'],
        [31, 'full'],
      ],
    },
    {
      name: 'a swamped second costs two steps at once',
      seconds: 12,
      lostAt: (at) => (at >= 10 ? 0.8 : 0),
      want: [
        [0, 'full'],
        [10, 'level 0'],
      ],
    },
    {
      name: 'a swamped second at the lowest level but one costs that level, not the pictures',
      seconds: 12,
      lostAt: (at) => (at >= 10 ? 0.9 : 0),
      choices: { levels: 2, playing: 1 },
      want: [
        [0, 'full'],
        [10, 'level 0'],
      ],
    },
    {
      name: 'one swamped second in five costs none of the pictures of the only level',
      seconds: 300,
      lostAt: (at) => (at % 5 === 0 ? 0.9 : 0),
      choices: { levels: 1, playing: 0 },
      want: [[0, 'full']],
    },
    {
      name: 'below the lowest level it goes one step at a time, after two seconds each',
      seconds: 20,
      lostAt: () => 0.9,
      choices: { levels: 1, playing: 0 },
      want: [
        [0, 'full'],
        [6, 'keyframes'],
        [11, 'none'],
      ],
    },
    {
      name: 'a step down is undone though a few pictures are still dropped',
      seconds: 60,
      lostAt: (at) => (at === 10 || at === 11 ? 0.3 : 0.05),
      want: [
        [0, 'full'],
        [11, 'level 1'],
        [31, 'full'],
      ],
    },
    {
      name: 'a machine that bears nothing: every step down, each after the one before has shown its effect',
      seconds: 60,
      lostAt: () => 0.3,
      want: [
        [0, 'full'],
        [6, 'level 1'],
        [11, 'level 0'],
        [16, 'keyframes'],
        [21, 'none'],
      ],
    },
    {
      name: 'an engine that cannot skip pictures goes on to the sound',
      seconds: 40,
      lostAt: () => 0.3,
      choices: { keyframes: false },
      want: [
        [0, 'full'],
        [6, 'level 1'],
        [11, 'level 0'],
        [16, 'none'],
      ],
    },
    {
      name: 'one level, and nothing but levels: nothing can be done',
      seconds: 40,
      lostAt: () => 0.9,
      choices: { levels: 1, playing: 0, keyframes: false, soundAlone: false },
      want: [[0, 'full']],
    },
    {
      name: 'a level that is low because of the network is where it starts from',
      seconds: 10,
      lostAt: (at) => (at === 8 || at === 9 ? 0.3 : 0),
      choices: { playing: 1 },
      want: [
        [0, 'full'],
        [9, 'level 0'],
      ],
    },
    {
      name: 'the first seconds of a page say nothing',
      seconds: 20,
      lostAt: (at) => (at < 5 ? 0.9 : 0),
      want: [[0, 'full']],
    },
  ];
  for (const { name, seconds, lostAt, choices, want } of cases) {
    it(name, () => assert.deepEqual(play(seconds, lostAt, { ...ALL, ...choices }), want));
  }

  it('waits twice as long after each step up that it had to take back, five minutes at most', () => {
    const steps = play(3000, (_at, step) => (step === 'full' ? 0.3 : 0));
    const ups = steps.flatMap(([at, name], i) =>
      name === 'full' && i > 0 ? [at - (steps[i - 1]?.[0] ?? 0)] : [],
    );
    assert.deepEqual(ups.slice(0, 6), [20, 40, 80, 160, 300, 300]);
  });

  it('forgets its mistakes after two minutes with the full picture', () => {
    const isBad = (at: number) => [10, 11, 35, 36, 300, 301].includes(at);
    const steps = play(400, (at) => (isBad(at) ? 0.3 : 0));
    assert.deepEqual(steps.slice(-2), [
      [301, 'level 1'],
      [321, 'full'],
    ]);
  });

  it('a page whose own timers are late has no room', () => {
    const load = new DecodeLoad();
    let step: DecodeStep | null = null;
    for (let at = 1; at < 120; at++) {
      const lost = at === 10 || at === 11 ? 0.3 : 0;
      step = load.observe(second(at, lost, { timerLateMs: at > 11 ? 600 : 10 }), ALL);
    }
    assert.equal(step && nameOf(step), 'level 1');
  });

  it('playback that stands still with media buffered counts as lost pictures do', () => {
    const load = new DecodeLoad();
    const still = { playedMs: 0, decodedFrames: 0, starvedMs: 1000 };
    for (let at = 1; at < 9; at++) load.observe(second(at, 0), ALL);
    assert.equal(nameOf(load.observe(second(9, 0, still), ALL)), 'level 0');
  });

  it('a screen that shows less often than a class at a higher speed has pictures is no trouble', () => {
    const load = new DecodeLoad();
    for (let at = 1; at < 60; at++) {
      const step = load.observe(second(at, 0, { decodedFrames: 72, droppedFrames: 13 }), ALL);
      assert.equal(nameOf(step), 'full');
    }
  });

  it('names a step that exists, whatever happens, and is at the full picture after an hour without trouble', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ lost: fc.double({ min: 0, max: 1, noNaN: true }), starvedMs: fc.nat(1000) })),
        fc.record({
          levels: fc.integer({ min: 0, max: 5 }),
          playing: fc.integer({ min: -1, max: 4 }),
          keyframes: fc.boolean(),
          soundAlone: fc.boolean(),
        }),
        (seconds, choices) => {
          const load = new DecodeLoad();
          seconds.forEach(({ lost, starvedMs }, i) => {
            const { maxLevel, pictures } = load.observe(second(i, lost, { starvedMs }), choices);
            assert.ok(
              maxLevel >= 0 &&
                (maxLevel < choices.levels || maxLevel === Number.POSITIVE_INFINITY || maxLevel === 0),
            );
            assert.ok(pictures === 'all' || choices.keyframes || choices.soundAlone);
            assert.ok(pictures !== 'none' || choices.soundAlone);
            assert.ok(pictures !== 'keyframes' || choices.keyframes);
          });
          let last = '';
          for (let i = 0; i < 3600; i++) last = nameOf(load.observe(second(seconds.length + i, 0), choices));
          assert.equal(last, 'full');
        },
      ),
      { numRuns: 50 },
    );
  });

  it('pictures that are only decoded, in front of others, are not lost', () => {
    const load = new DecodeLoad();
    for (let at = 1; at <= 40; at++) {
      // Each third second 30 pictures come too late to be shown, and the browser counts them as dropped.
      const more = at % 3 === 0 ? 30 : 0;
      const step = load.observe(second(at, 0, { decodedFrames: FPS + more, droppedFrames: more }), ALL);
      assert.equal(nameOf(step), 'full', `after ${at} s`);
    }
    load.observe(second(41, 0.6, { decodedFrames: FPS + 30, droppedFrames: 30 + 15 }), ALL);
    const step = load.observe(second(42, 0.6), ALL);
    assert.notEqual(nameOf(step), 'full', 'those that were to be shown count as ever');
  });
});
