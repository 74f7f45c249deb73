import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type RecoveryAction,
  type RecoveryEvent,
  recover,
  startRecovery,
} from '../../../player/playback/recovery.ts';

type Script = readonly (readonly [atMs: number, event: RecoveryEvent])[];

/** Plays events in, and gives back the actions that came out, each with its time. */
function play(
  script: Script,
  random = 0.5,
): { actions: [number, RecoveryAction][]; phase: string; failures: number; movedAtMs: number } {
  let state = startRecovery(0);
  const actions: [number, RecoveryAction][] = [];
  for (const [atMs, event] of script) {
    const next = recover(state, event, atMs, random);
    state = next.state;
    if (next.action !== 'none') actions.push([atMs, next.action]);
  }
  return { actions, phase: state.phase, failures: state.failures, movedAtMs: state.movedAtMs };
}

const progress: RecoveryEvent = { kind: 'progress' };
const wanted: RecoveryEvent = { kind: 'tick', wanted: true };
const paused: RecoveryEvent = { kind: 'tick', wanted: false };
const network: RecoveryEvent = { kind: 'fatal', cause: 'network' };
const toldToWait = (afterMs: number, isFull = true): RecoveryEvent => ({
  ...{ kind: 'fatal', cause: 'network', told: { afterMs, isFull } },
});
const full = toldToWait(10_000);
const media: RecoveryEvent = { kind: 'fatal', cause: 'media' };

function ticks(fromMs: number, toMs: number, event = wanted): Script {
  const script: [number, RecoveryEvent][] = [];
  for (let atMs = fromMs; atMs <= toMs; atMs += 250) script.push([atMs, event]);
  return script;
}

describe('recovery', () => {
  const cases: { name: string; script: Script; want: RecoveryAction[] }[] = [
    {
      name: 'nothing is done while the playhead moves',
      script: [
        [0, progress],
        [9000, progress],
      ],
      want: [],
    },
    {
      name: 'nothing is done while the viewer has paused',
      script: [[0, progress], ...ticks(250, 60_000, paused)],
      want: [],
    },
    {
      name: 'a playhead that stands still climbs the ladder',
      script: [[0, progress], ...ticks(250, 13_000)],
      want: ['go-live', 'resume', 'rebuild'],
    },
    {
      name: 'a first load that never starts is made anew',
      script: ticks(0, 13_000),
      want: ['resume', 'rebuild'],
    },
    {
      name: 'one network failure goes on loading',
      script: [[0, progress], [100, network], ...ticks(250, 1500)],
      want: ['resume'],
    },
    {
      name: 'a second network failure makes a new player',
      script: [[0, progress], [100, network], ...ticks(250, 1250), [1300, network], ...ticks(1500, 3000)],
      want: ['resume', 'rebuild'],
    },
    {
      name: 'several errors of one outage are one failure',
      script: [[0, progress], [100, network], [101, network], [102, network], ...ticks(250, 1500)],
      want: ['resume'],
    },
    {
      name: 'a failure while the buffer still plays is tried again before it has run out',
      script: [[0, progress], [100, network], ...ticks(250, 1500, progress)],
      want: ['resume'],
    },
    {
      name: 'and again, without a new player as long as the picture moves',
      script: [
        [0, progress],
        [100, network],
        ...ticks(250, 1250, progress),
        [1300, network],
        ...ticks(1500, 4000, progress),
      ],
      want: ['resume', 'resume'],
    },
    {
      name: 'a picture that came back by itself is left alone',
      script: [[0, progress], ...ticks(250, 9500), ...ticks(9750, 13_000, progress)],
      want: ['go-live', 'resume'],
    },
    {
      name: 'media failures: recover, swap the codec, then a new player',
      script: [[0, progress], [100, media], [200, media], [300, media], ...ticks(500, 3000)],
      want: ['recover-media', 'swap-codec', 'rebuild'],
    },
    {
      name: 'the second media failure swaps the codec at once',
      script: [
        [0, progress],
        [100, media],
        [200, media],
      ],
      want: ['recover-media', 'swap-codec'],
    },
    {
      name: 'a pause counts as no failure: what stood still before it gets its full time again',
      script: [[0, progress], ...ticks(250, 1500), ...ticks(1750, 60_000, paused), ...ticks(60_250, 62_000)],
      want: [],
    },
    {
      name: 'media failures that lie minutes apart are each a first one',
      script: [
        [0, progress],
        [100, media],
        [200, progress],
        [100_000, media],
      ],
      want: ['recover-media', 'recover-media'],
    },
    {
      name: 'a full server is asked again when it said, and a little later, by the same player',
      script: [[0, full], ...ticks(250, 11_250), [11_300, full], ...ticks(11_500, 22_250)],
      want: ['resume'],
    },
    {
      name: 'a server that asks for minutes is asked again after 25 s at most',
      script: [[0, toldToWait(300_000, false)], ...ticks(250, 25_000)],
      want: ['resume'],
    },
    {
      name: 'neither a network that comes back nor a sleep shortens the wait',
      script: [
        [0, full],
        [1000, { kind: 'offline' }],
        [2000, { kind: 'online' }],
        [3000, { kind: 'woke' }],
        ...ticks(3250, 11_000),
      ],
      want: [],
    },
    {
      name: 'a machine that slept goes to live',
      script: [
        [0, progress],
        [3_600_000, { kind: 'woke' }],
      ],
      want: ['go-live'],
    },
    {
      name: 'a machine that slept while it was failing tries at once',
      script: [
        [0, progress],
        [100, network],
        [200, { kind: 'woke' }],
      ],
      want: ['resume'],
    },
    {
      name: 'a line that comes back is tried within a second',
      script: [
        [0, progress],
        [10, network],
        ...ticks(250, 9750),
        [10_000, { kind: 'online' }],
        ...ticks(10_250, 11_000),
      ],
      want: ['resume', 'resume'],
    },
  ];
  for (const { name, script, want } of cases) {
    it(name, () =>
      assert.deepEqual(
        play(script).actions.map(([, action]) => action),
        want,
      ),
    );
  }

  it('calls a server full that says so, and no other that asks to wait', () => {
    for (const isFull of [true, false]) {
      const { state } = recover(startRecovery(0), toldToWait(10_000, isFull), 100, 0);
      assert.deepEqual({ full: state.full, retryAtMs: state.retryAtMs }, { full: isFull, retryAtMs: 10_100 });
    }
  });

  it('spreads over 0.8 s when the network is back, so that a school does not load at once', () => {
    const script: Script = [[0, progress], [10, network], [20, { kind: 'online' }], ...ticks(250, 2000)];
    const firstAtMs = (random: number) => play(script, random).actions[0]?.[0];
    assert.deepEqual([0, 0.5, 1].map(firstAtMs), [250, 500, 1000]);
  });

  it('forgets past failures once playback has lasted', () => {
    const { failures } = play([
      [0, progress],
      [100, network],
      ...ticks(250, 1500),
      [1600, progress],
      [10_000, progress],
    ]);
    assert.equal(failures, 0);
  });

  it('knows since when the picture stands still: a hitch after a long time is a hitch', () => {
    const { movedAtMs } = play([...ticks(0, 60_000, progress), ...ticks(60_250, 60_750)]);
    assert.equal(movedAtMs, 60_000);
  });

  it('never gives up: in any minute without playback something is tried', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom<RecoveryEvent>(network, media, { kind: 'offline' }, { kind: 'woke' }), {
          maxLength: 30,
        }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, random) => {
          const script = failures.map((event, i) => [i * 1000, event] as const);
          const fromMs = failures.length * 1000;
          const { actions } = play([...script, ...ticks(fromMs, fromMs + 60_000)], random);
          const times = actions.map(([atMs]) => atMs).filter((atMs) => atMs >= fromMs);
          assert.ok(times.length >= 2, `${times.length} tries`);
          const gaps = times.map((atMs, i) => atMs - (times[i - 1] ?? fromMs));
          assert.ok(Math.max(...gaps) <= 20_500, `gap ${Math.max(...gaps)}`);
        },
      ),
    );
  });
});
