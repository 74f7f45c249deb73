import assert from 'node:assert/strict';
import { Faults } from '../../shared/faults.ts';

describe('the faults of a component', () => {
  let nowMs = 0;
  const open = (): Faults => {
    nowMs = 0;
    return new Faults(() => nowMs, 1000);
  };

  it('are current until they have not been seen for a while', () => {
    const faults = open();
    assert.equal(faults.current(), null);
    faults.add('no room');
    nowMs = 900;
    faults.add('no room');
    nowMs = 1899;
    assert.equal(faults.current(), 'no room');
    nowMs = 1900;
    assert.equal(faults.current(), null);
  });

  it('are new when they begin, and when they begin again', () => {
    const faults = open();
    assert.equal(faults.add('no room'), true);
    nowMs = 999;
    assert.equal(faults.add('no room'), false);
    assert.equal(faults.add('no line'), true);
    nowMs = 1999;
    assert.equal(faults.add('no room'), true);
  });

  it('are told with the newest first', () => {
    const faults = open();
    faults.add('no room');
    faults.add('no line');
    assert.equal(faults.current(), 'no line');
    faults.add('no room');
    assert.equal(faults.current(), 'no room');
  });

  it('stay when only a restart mends them', () => {
    const faults = open();
    faults.addLasting('no script');
    faults.add('no room');
    nowMs = 1_000_000;
    assert.equal(faults.current(), 'no script');
  });
});
