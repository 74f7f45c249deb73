import { deepEqual, equal } from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { StalledWrites } from '../../shared/stalled-writes.ts';

/** A socket whose kernel the test is. */
class Line extends EventEmitter {
  writableLength = 0;
  bytesWritten = 0;
  isDestroyed = false;

  write(sizeBytes: number): void {
    this.writableLength += sizeBytes;
    this.bytesWritten += sizeBytes;
  }

  flush(sizeBytes: number): void {
    this.writableLength -= sizeBytes;
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit('close');
  }
}

describe('writes that stall', () => {
  let stalled: StalledWrites;
  const open = (): Line => {
    const line = new Line();
    stalled.watch(line);
    return line;
  };
  beforeEach(() => {
    stalled = new StalledWrites(1000);
  });

  it('end the connection of who does not read, and no other', () => {
    const [idle, deaf, slow, reader] = [open(), open(), open(), open()];
    for (const line of [deaf, slow, reader]) line.write(300);
    for (let at = 0; at <= 3000; at += 250) {
      stalled.sweep(at);
      if (at % 750 === 0) slow.flush(10);
      reader.flush(reader.writableLength);
      reader.write(300);
    }
    deepEqual(
      [idle, deaf, slow, reader].map((line) => line.isDestroyed),
      [false, true, false, false],
    );
    equal(stalled.size, 3);
  });

  it('count from the last write that completed', () => {
    const line = open();
    line.write(300);
    stalled.sweep(0);
    line.flush(300);
    stalled.sweep(900);
    line.write(300);
    stalled.sweep(1800);
    stalled.sweep(2799);
    equal(line.isDestroyed, false);
    stalled.sweep(2800);
    equal(line.isDestroyed, true);
  });
});
