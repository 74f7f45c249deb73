import assert from 'node:assert/strict';
import { averageLoad, bearableCores } from '../../../transcode/capacity/bearable.ts';
import {
  loadBetween,
  type MachineLoad,
  type MachineReading,
  readPressure,
  readProcessTime,
  readProcStat,
} from '../../../transcode/capacity/machine-load.ts';
import { readMachine } from '../../../transcode/capacity/read-machine.ts';

const STAT = `cpu  300 0 100 1600 0 0 0 0 0 0
cpu0 100 0 50 850 0 0 0 0 0 0
cpu1 200 10 50 700 20 0 5 15 0 0
intr 1 2 3
`;

describe('readings of the machine', () => {
  it('reads the processors of /proc/stat', () => {
    const cpus = readProcStat(STAT);
    assert.deepEqual(cpus?.get(0), { total: 1000, idle: 850, stolen: 0 });
    assert.deepEqual(cpus?.get(1), { total: 1000, idle: 720, stolen: 15 });
    assert.equal(cpus?.size, 2);
    assert.equal(readProcStat(''), null);
  });

  it('reads the time of a process, whatever its name', () => {
    const stat = '42 (ffmpeg (x) 1 2) S 1 42 42 0 -1 4194304 1 2 3 4 150 25 7 8 20 0 1 0 99';
    assert.equal(readProcessTime(stat), 1750);
    assert.equal(readProcessTime(''), null);
  });

  it('reads the pressure', () => {
    assert.equal(readPressure('some avg10=12.50 avg60=1.76 avg300=2.10 total=9\nfull avg10=0.00\n'), 0.125);
    assert.equal(readPressure(''), null);
  });

  it('reads this process, and nothing else, where the system has no files', () => {
    const reading = readMachine([process.pid], () => null);
    assert.equal(reading.cpus, null);
    assert.equal(reading.pressure, null);
    assert.equal(reading.ffmpegMs.size, 0);
    assert.ok(reading.ownMs > 0);
  });
});

function reading(
  atMs: number,
  ticks: [number, number, number][] | null,
  ownMs: number,
  ffmpegMs: [number, number][],
): MachineReading {
  const cpus =
    ticks === null ? null : new Map(ticks.map(([total, idle, stolen], i) => [i, { total, idle, stolen }]));
  return { atMs, cpus, ownMs, ffmpegMs: new Map(ffmpegMs), pressure: null };
}

describe('load between two readings', () => {
  const from = reading(
    0,
    [
      [1000, 500, 0],
      [1000, 0, 0],
    ],
    100,
    [[7, 1000]],
  );
  const to = reading(
    2000,
    [
      [1200, 600, 10],
      [1200, 150, 30],
    ],
    300,
    [
      [7, 1600],
      [8, 400],
    ],
  );

  it('counts cores', () => {
    const load = loadBetween(from, to, null);
    assert.deepEqual(load, {
      idleCores: 1.25,
      stolenCores: 0.2,
      ownCores: 0.1,
      ffmpegCores: 0.5,
      pressure: null,
    });
  });

  it('counts only the processors of this process', () => {
    assert.equal(loadBetween(from, to, new Set([1])).idleCores, 0.75);
  });

  it('does not know what is idle where the system does not tell', () => {
    assert.equal(loadBetween(reading(0, null, 0, []), reading(1000, null, 0, []), null).idleCores, null);
  });

  it('stays finite when nothing moved, or went back', () => {
    const load = loadBetween(to, from, null);
    assert.deepEqual(load, { idleCores: 0, stolenCores: 0, ownCores: 0, ffmpegCores: 0, pressure: null });
  });
});

describe('what a worker bears', () => {
  const load = (over: Partial<MachineLoad>): MachineLoad => ({
    ...{ idleCores: 2, stolenCores: 0, ownCores: 0, ffmpegCores: 0, pressure: null },
    ...over,
  });
  const cases: { name: string; cores: number; load: MachineLoad | null; want: number }[] = [
    { name: 'not known yet', cores: 2, load: null, want: 1.6 },
    { name: 'an idle machine', cores: 2, load: load({}), want: 1.6 },
    {
      name: 'its own encoders count as free',
      cores: 2,
      load: load({ idleCores: 0.5, ffmpegCores: 1.5 }),
      want: 1.6,
    },
    { name: 'somebody else takes one core', cores: 2, load: load({ idleCores: 1 }), want: 0.8 },
    {
      name: 'the process itself takes some',
      cores: 2,
      load: load({ idleCores: 1.5, ownCores: 0.5 }),
      want: 1.1,
    },
    { name: 'a quota below an idle machine', cores: 2, load: load({ idleCores: 60 }), want: 1.6 },
    { name: 'idle cores unknown', cores: 2, load: load({ idleCores: null, ownCores: 0.25 }), want: 1.35 },
    { name: 'nothing left', cores: 2, load: load({ idleCores: 0, ownCores: 1 }), want: 0 },
  ];
  for (const { name, cores, load: of, want } of cases) {
    it(name, () =>
      assert.ok(Math.abs(bearableCores(cores, of) - want) < 1e-9, String(bearableCores(cores, of))),
    );
  }

  it('is averaged over time', () => {
    const mean = averageLoad(load({ idleCores: 2 }), load({ idleCores: 1, ownCores: 1 }), 0.25);
    assert.equal(mean.idleCores, 1.75);
    assert.equal(mean.ownCores, 0.25);
    assert.equal(averageLoad(null, load({ idleCores: 1 }), 0.1).idleCores, 1);
    assert.equal(averageLoad(load({}), load({ idleCores: null }), 0.1).idleCores, null);
  });
});
