import assert from 'node:assert/strict';
import { type Logger, silentLogger } from '../../../shared/logger.ts';
import type { MachineReading } from '../../../transcode/capacity/machine-load.ts';
import { type AdmittedBroadcast, WorkerCapacity } from '../../../transcode/capacity/worker-capacity.ts';
import { PLANS, SOURCE } from './plans.ts';

const CORES = { cores: 2, cpus: null, limit: 'processors' } as const;
const DEMAND = { source: SOURCE, plans: PLANS };

/** A machine of two processors, whose idle share is given, after so many seconds. */
function reading(
  seconds: number,
  idle: number,
  ffmpeg: readonly [pid: number, ms: number][] = [],
): MachineReading {
  const total = seconds * 100;
  const cpu = { total, idle: total * idle, stolen: 0 };
  return {
    atMs: seconds * 1000,
    cpus: new Map([0, 1].map((i) => [i, cpu])),
    ownMs: 0,
    ffmpegMs: new Map(ffmpeg),
    pressure: null,
  };
}

describe('capacity of a worker', () => {
  const admit = (capacity: WorkerCapacity, channel: string, priority = 50): AdmittedBroadcast =>
    capacity.admit({ channel, broadcast: 'b', priority, ...DEMAND }, 0);

  it('gives full ladders while they fit, then lighter plans, and them back as classes end', () => {
    const capacity = new WorkerCapacity(CORES, silentLogger);
    const classes = ['a', 'b', 'c', 'd'].map((channel) => admit(capacity, channel));
    const levels = (): number[] => classes.map(({ grant }) => grant.level());
    assert.ok(
      levels().every((level) => level > 0 && level < 5),
      levels().join(),
    );
    assert.ok(capacity.usedCores <= capacity.bearableCores);
    classes.pop()?.release();
    classes.pop()?.release();
    assert.deepEqual(levels(), [0, 0]);
    assert.equal(classes[0]?.grant.reason(), null);
  });

  it('leaves a lecture whole when it comes last, and takes from the others', () => {
    const capacity = new WorkerCapacity(CORES, silentLogger);
    const thirty = admit(capacity, 'a');
    const another = admit(capacity, 'b');
    assert.deepEqual([thirty.grant.level(), another.grant.level()], [0, 0]);
    const lecture = admit(capacity, 'city', 90);
    assert.equal(lecture.grant.level(), 0);
    assert.ok(thirty.grant.level() > 0 || another.grant.level() > 0);
    assert.match(
      (another.grant.level() > 0 ? another : thirty).grant.reason() ?? '',
      /bears 1\.6 cores .* 3 broadcasts need/,
    );
  });

  it('admits everybody: with nothing left by passing pictures through', () => {
    const capacity = new WorkerCapacity({ ...CORES, cores: 0.1 }, silentLogger);
    const all = Array.from({ length: 20 }, (_, i) => admit(capacity, `c${i}`));
    assert.ok(all.every(({ grant }) => grant.level() >= 4));
    assert.ok(all.some(({ grant }) => grant.level() === 5));
  });

  it('takes a job at once when its full ladder fits, and leaves it to others the longer the fuller it is', () => {
    const capacity = new WorkerCapacity(CORES, silentLogger);
    assert.equal(capacity.patienceMs(DEMAND), 0);
    admit(capacity, 'a');
    assert.equal(capacity.patienceMs(DEMAND), 0);
    admit(capacity, 'b');
    const two = capacity.patienceMs(DEMAND);
    admit(capacity, 'c');
    const three = capacity.patienceMs(DEMAND);
    assert.ok(two >= 150 && three > two && three <= 500, `${two} ${three}`);
    assert.equal(
      capacity.patienceMs({ source: SOURCE, plans: PLANS.slice(-1) }),
      0,
      'what is passed through fits still',
    );
  });

  it('bears less while others use the machine, which takes nothing from a class that runs', () => {
    const capacity = new WorkerCapacity(CORES, silentLogger);
    const first = admit(capacity, 'a');
    const second = admit(capacity, 'b');
    for (let i = 0; i <= 20; i++) capacity.read(reading(i * 2, 0.1));
    assert.ok(capacity.bearableCores < 0.3, String(capacity.bearableCores));
    assert.deepEqual([first.grant.level(), second.grant.level()], [0, 0]);
    assert.equal(first.grant.roomCores(), 0.2);
    assert.equal(first.grant.idleCores(), 0.2);
    capacity.read(reading(42, 0.9));
    const [room, idle] = [first.grant.roomCores() ?? 0, first.grant.idleCores() ?? 0];
    assert.ok(idle > 1.5 * room, `${idle} idle now, ${room} as an average`);
  });

  it('learns what broadcasts really cost, while the machine has room', () => {
    const capacity = new WorkerCapacity(CORES, silentLogger);
    const one = admit(capacity, 'a');
    one.measure(() => [7]);
    const before = one.grant.cost(PLANS[0] ?? { groups: [] });
    // Twice the estimate.
    const perS = before * 2000;
    for (let i = 0; i <= 60; i++) capacity.read(reading(i * 2, 0.3, [[7, i * 2 * perS]]));
    const after = one.grant.cost(PLANS[0] ?? { groups: [] });
    assert.ok(after > before * 1.8 && after < before * 2.05, `${after} after ${before}`);
    const [job] = capacity.status().jobs;
    assert.ok(Math.abs((job?.measuredCores ?? 0) - before * 2) < 0.01);
  });

  it('learns nothing from encoders that got too little', () => {
    const capacity = new WorkerCapacity(CORES, silentLogger);
    const one = admit(capacity, 'a');
    one.measure(() => [7]);
    const before = one.grant.cost(PLANS[0] ?? { groups: [] });
    for (let i = 0; i <= 60; i++) capacity.read(reading(i * 2, 0, [[7, i * 100]]));
    assert.equal(one.grant.cost(PLANS[0] ?? { groups: [] }), before);
  });

  it('counts a broadcast at the level that it runs at', () => {
    const capacity = new WorkerCapacity(CORES, silentLogger);
    const one = admit(capacity, 'a');
    const full = capacity.usedCores;
    one.grant.runs(2);
    assert.ok(capacity.usedCores < full / 2);
    assert.deepEqual(
      capacity.status().jobs.map(({ level, grantedLevel }) => [level, grantedLevel]),
      [[2, 0]],
    );
  });

  it('warns once a channel', () => {
    const warnings: object[] = [];
    const logger: Logger = { ...silentLogger, warn: (fields) => warnings.push(fields) };
    const capacity = new WorkerCapacity({ ...CORES, cores: 0.5 }, logger);
    const first = admit(capacity, 'a');
    admit(capacity, 'b');
    for (let i = 0; i < 5; i++) capacity.read(reading(i * 2, 0.5));
    first.release();
    admit(capacity, 'a');
    assert.deepEqual(warnings.map((fields) => (fields as { channel: string }).channel).toSorted(), [
      'a',
      'b',
    ]);
  });

  it('says what is missing', () => {
    const capacity = new WorkerCapacity(CORES, silentLogger);
    assert.equal(capacity.status().missingCores, 0);
    for (const channel of ['a', 'b', 'c', 'd']) admit(capacity, channel);
    const { missingCores, bearableCores, jobs } = capacity.status();
    assert.ok(
      Math.abs(jobs.reduce((sum, job) => sum + job.fullCores, 0) - bearableCores - missingCores) < 0.01,
    );
    assert.ok(missingCores > 0.5);
  });
});
