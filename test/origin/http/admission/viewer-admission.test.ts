import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  ViewerAdmission,
  type AdmissionLoad,
  retryAfterS,
} from '../../../../origin/http/admission/viewer-admission.ts';

const LIMITS = { lateMs: 100, maxConnections: 1000 };
const load = (lateMs: number, connections: number, cores = 0.95): AdmissionLoad => ({
  ...{ lateMs, cores, connections },
});

describe('the admission of viewers', () => {
  for (const { name, measured, want } of [
    { name: 'has room at first', measured: load(0, 0), want: null },
    { name: 'has room below both limits', measured: load(99, 999), want: null },
    { name: 'is full when the event loop is late', measured: load(100, 900), want: 'late' },
    { name: 'is full at the configured connections', measured: load(0, 1000), want: 'connections' },
    {
      name: 'does not refuse the first five hundred, who are not what makes it late',
      measured: load(5000, 499),
      want: null,
    },
    {
      name: 'has room for a class of 25 students beside a busy neighbour',
      measured: load(120, 150, 0.2),
      want: null,
    },
    { name: 'has room while a neighbour makes it late', measured: load(500, 900, 0.2), want: null },
    {
      name: 'has room while it takes less of a core than viewers would need of it',
      measured: load(5000, 999, 0.59),
      want: null,
    },
  ] as const) {
    it(name, () => {
      const admission = new ViewerAdmission(LIMITS);
      assert.equal(admission.measure(measured, 0), want === null ? null : 'full');
      assert.equal(admission.full, want);
      assert.equal(admission.enter(0), want === 'connections' ? 'full' : 'admitted');
    });
  }

  it('admits two a second while it is full because it is late, and nobody at the configured connections', () => {
    const admission = new ViewerAdmission(LIMITS);
    const admitted = (measured: AdmissionLoad): number => {
      let count = 0;
      for (let at = 0; at < 10_000; at += 50) {
        admission.measure(measured, at);
        if (admission.enter(at) === 'admitted') count += 1;
      }
      return count;
    };
    assert.ok([20, 21, 22].includes(admitted(load(150, 900))));
    assert.equal(admission.full, 'late');
    assert.equal(admitted(load(150, 1000)), 0);
  });

  it('has room again when it is late because of others', () => {
    const admission = new ViewerAdmission(LIMITS);
    admission.measure(load(150, 900), 0);
    assert.equal(admission.measure(load(150, 900, 0.3), 50), null);
    assert.equal(admission.measure(load(150, 900, 0.3), 5050), 'room');
  });

  it('has room again after five calm seconds, and not before', () => {
    const admission = new ViewerAdmission(LIMITS);
    admission.measure(load(150, 500), 0);
    const steps = [
      { at: 1000, measured: load(60, 500), want: null },
      { at: 2000, measured: load(40, 500), want: null },
      { at: 6900, measured: load(40, 500), want: null },
      // Not calm for a moment: the five seconds begin again.
      { at: 6950, measured: load(51, 500), want: null },
      { at: 7000, measured: load(40, 500), want: null },
      { at: 11_900, measured: load(40, 500), want: null },
      { at: 12_000, measured: load(40, 500), want: 'room' },
    ];
    for (const { at, measured, want } of steps)
      assert.equal(admission.measure(measured, at), want, `at ${at}`);
    assert.equal(admission.full, null);
  });

  it('stays full by connections until a twentieth of them have left', () => {
    const admission = new ViewerAdmission(LIMITS);
    admission.measure(load(0, 1000), 0);
    for (let at = 50; at < 20_000; at += 50) assert.equal(admission.measure(load(0, 960), at), null);
    assert.equal(admission.measure(load(0, 949), 20_000), null);
    assert.equal(admission.measure(load(0, 949), 25_000), 'room');
  });

  it('admits 200 at once and then 200 a second, before their load can be measured', () => {
    const admission = new ViewerAdmission(LIMITS);
    admission.measure(load(0, 0), 0);
    const admitted = (nowMs: number): number => {
      let count = 0;
      while (admission.enter(nowMs) === 'admitted') count += 1;
      return count;
    };
    assert.equal(admitted(0), 200);
    assert.equal(admission.enter(0), 'paced');
    assert.equal(admitted(500), 100);
    assert.equal(admitted(60_000), 200);
  });

  it('admits more a second where many are, and fewer near the limit', () => {
    const perSecond = (measured: AdmissionLoad): number => {
      const admission = new ViewerAdmission(LIMITS);
      admission.measure(measured, 0);
      while (admission.enter(0) === 'admitted');
      let count = 0;
      for (let at = 10; at <= 1000; at += 10) while (admission.enter(at) === 'admitted') count += 1;
      return count;
    };
    assert.equal(perSecond(load(0, 0)), 200);
    assert.equal(perSecond(load(0, 600)), 350);
    assert.equal(perSecond(load(60, 600, 0.2)), 350);
    assert.equal(perSecond(load(60, 600)), 87);
  });

  it('admits two a second at most while it is full, whatever was measured before', () => {
    const measurements = fc.array(fc.tuple(fc.nat(400), fc.nat(2000)), { maxLength: 200 });
    fc.assert(
      fc.property(measurements, (all) => {
        const admission = new ViewerAdmission(LIMITS);
        let entered = 0;
        all.forEach(([lateMs, connections], i) => {
          admission.measure(load(lateMs, connections), i * 50);
          const isOver = connections >= 1000 || (connections >= 500 && lateMs >= 100);
          if (isOver) assert.notEqual(admission.full, null);
          if (admission.full === 'connections') assert.equal(admission.enter(i * 50), 'full');
          else if (admission.full === 'late' && admission.enter(i * 50) === 'admitted') entered += 1;
        });
        assert.ok(entered <= 2 + all.length * 0.1, `${entered} in ${all.length * 50} ms`);
      }),
    );
  });
});

describe('the time after which a viewer asks again', () => {
  it('is spread over whole seconds: 3 to 14 when it is full, 1 to 3 when only too many come at once', () => {
    const all = (entry: 'full' | 'paced'): number[] => [
      ...new Set(Array.from({ length: 1000 }, (_, i) => retryAfterS(entry, i / 1000))),
    ];
    assert.deepEqual(all('full'), [3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
    assert.deepEqual(all('paced'), [1, 2, 3]);
  });
});
