import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { silentLogger } from '../../../shared/logger.ts';
import {
  calibrationFile,
  readCalibration,
  writeCalibration,
} from '../../../transcode/capacity/calibration-cache.ts';
import {
  type Calibration,
  planCores,
  rungKey,
  STANDARD_CALIBRATION,
} from '../../../transcode/capacity/calibration.ts';
import { calibrate, readBenchmark } from '../../../transcode/capacity/calibrate.ts';
import { calibrateMachine } from '../../../transcode/capacity/machine-calibration.ts';
import { movingPictures } from '../../../transcode/capacity/moving-picture.ts';
import { makeTempDir, type TempDir } from '../../support/temp-dir.ts';
import { FFMPEG } from '../support/sample-flv.ts';
import { PLANS, rung, RUNGS, SOURCE } from './plans.ts';

const MEASURED: Calibration = {
  decodePerMegapixel: 0.004,
  perPicture: {
    [rungKey(rung(720, 2200), 'superfast')]: 0.01,
    [rungKey(rung(480, 900), 'superfast')]: 0.005,
    [rungKey(rung(360, 500), 'superfast')]: 0.003,
  },
};

describe('cost of a plan', () => {
  const near = (found: number, want: number): void =>
    assert.ok(Math.abs(found - want) < 0.0005, `${found}, want ${want}`);

  it('is that of one decoder and each rung, as measured', () => {
    const [full] = PLANS;
    assert.ok(full);
    near(planCores(full, SOURCE, MEASURED), 0.0922 + 25 * 0.018);
  });

  it('has a decoder for each group', () => {
    const groups = RUNGS.map((one) => ({ rungs: [one], preset: 'superfast', frameStep: 1 as const }));
    near(planCores({ groups }, SOURCE, MEASURED), 3 * 0.0922 + 25 * 0.018);
  });

  it('is more than half at half the frame rate', () => {
    const half = { groups: [{ rungs: RUNGS, preset: 'superfast', frameStep: 2 as const }] };
    near(planCores(half, SOURCE, MEASURED), 0.0922 + 12.5 * 1.14 * 0.018);
  });

  it('counts a source of unknown size as large as the best rung', () => {
    const [full] = PLANS;
    assert.ok(full);
    near(planCores(full, { ...SOURCE, width: 0, height: 0 }, MEASURED), 0.0922 + 25 * 0.018);
  });

  it('falls with each level, measured or not', () => {
    for (const calibration of [MEASURED, STANDARD_CALIBRATION]) {
      const costs = PLANS.map((plan) => planCores(plan, SOURCE, calibration));
      assert.deepEqual(
        costs,
        costs.toSorted((a, b) => b - a),
      );
    }
  });

  it('of a rung that was not measured follows the speed of the machine', () => {
    const plan = { groups: [{ rungs: [rung(1080, 4000)], preset: 'medium', frameStep: 1 as const }] };
    const slow = { ...MEASURED, decodePerMegapixel: 0.008 };
    near(planCores(plan, SOURCE, slow), 2 * planCores(plan, SOURCE, MEASURED));
  });

  it('before anything is measured is that of a real clip', () => {
    const [full] = PLANS;
    assert.ok(full);
    const cores = planCores(full, SOURCE, STANDARD_CALIBRATION);
    assert.ok(cores > 0.5 && cores < 0.75, String(cores));
  });
});

describe('cache of the calibration', () => {
  let dir: TempDir;
  beforeEach(() => {
    dir = makeTempDir();
  });
  afterEach(() => dir.remove());

  it('stands in the cache folder of the user', () => {
    assert.equal(calibrationFile({ XDG_CACHE_HOME: '/c' }), join('/c', 'lectern', 'calibration.json'));
    assert.match(calibrationFile({}), /\.cache.lectern.calibration\.json$/);
  });

  it('gives back what was written, for the same machine only', async () => {
    const file = join(dir.path, 'new', 'calibration.json');
    assert.equal(await readCalibration(file, 'm'), null);
    await writeCalibration(file, 'm', MEASURED);
    assert.deepEqual(await readCalibration(file, 'm'), MEASURED);
    assert.equal(await readCalibration(file, 'another'), null);
  });

  for (const text of [
    '',
    '{',
    '{"machine":"m"}',
    '{"machine":"m","decodePerMegapixel":-1,"perPicture":{}}',
    '[]',
  ]) {
    it(`does not use a damaged file: ${text}`, async () => {
      const file = join(dir.path, 'calibration.json');
      writeFileSync(file, text);
      assert.equal(await readCalibration(file, 'm'), null);
    });
  }
});

describe('calibration with ffmpeg', function () {
  this.timeout(120_000);
  let dir: TempDir;
  beforeEach(() => {
    dir = makeTempDir();
  });
  afterEach(() => dir.remove());

  const rungs = [rung(360, 500), rung(240, 250)].map((one) => ({ rung: one, preset: 'superfast' }));
  const options = { ffmpeg: { program: FFMPEG, version: 'x' }, logger: silentLogger, rungs };

  it('measures each rung, and writes it down in place of a damaged file', async () => {
    const file = join(dir.path, 'lectern', 'calibration.json');
    mkdirSync(dirname(file));
    writeFileSync(file, 'damaged');
    const found = await calibrateMachine({ ...options, file, signal: new AbortController().signal });
    for (const one of rungs) assert.ok((found?.perPicture[rungKey(one.rung, one.preset)] ?? 0) > 0);
    assert.ok((found?.decodePerMegapixel ?? 0) > 0);
    assert.match(readFileSync(file, 'utf8'), /640x360@500 superfast/);
  });

  it('runs no ffmpeg when all is cached, and measures only what is not', async () => {
    const file = join(dir.path, 'calibration.json');
    const signal = new AbortController().signal;
    const first = await calibrateMachine({ ...options, rungs: rungs.slice(1), file, signal });
    const ffmpeg = { program: '/nowhere', version: 'x' };
    assert.deepEqual(
      await calibrateMachine({ ...options, ffmpeg, rungs: rungs.slice(1), file, signal }),
      first,
    );
    const both = await calibrateMachine({ ...options, file, signal });
    assert.equal(Object.keys(both?.perPicture ?? {}).length, 2);
    assert.equal(both?.decodePerMegapixel, first?.decodePerMegapixel);
  });

  it('goes on without figures when ffmpeg fails, and says so', async () => {
    const warnings: string[] = [];
    const found = await calibrateMachine({
      ...options,
      ffmpeg: { program: '/nowhere', version: 'x' },
      file: join(dir.path, 'calibration.json'),
      logger: { ...silentLogger, warn: (_, message) => warnings.push(message) },
      signal: new AbortController().signal,
    });
    assert.equal(found, null);
    assert.match(warnings.join(), /costs are estimated, not measured/);
  });

  it('ends when it is aborted', async () => {
    const stop = new AbortController();
    const running = calibrate({ program: FFMPEG, rungs, signal: stop.signal });
    stop.abort(new Error('stopped'));
    await assert.rejects(running);
  });

  it('reads what -benchmark writes', () => {
    assert.equal(readBenchmark('x\nbench: utime=1.500s stime=0.250s rtime=2s\n'), 1.75);
    assert.equal(readBenchmark('frame= 24'), null);
  });

  it('makes pictures that move, within the range of video levels, the same each time', async () => {
    const make = async (): Promise<Buffer[]> => {
      const all: Buffer[] = [];
      for await (const picture of movingPictures(320, 180, 3)) all.push(picture);
      return all;
    };
    const [first, second] = [await make(), await make()];
    assert.deepEqual(first, second);
    assert.equal(first[0]?.length, (320 * 180 * 3) / 2);
    assert.notDeepEqual(first[0], first[1]);
    const luma = first.flatMap((picture) => [...picture.subarray(0, 320 * 180)]);
    assert.ok(luma.every((value) => value >= 16 && value <= 235));
  });
});
