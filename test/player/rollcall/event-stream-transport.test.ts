import { deepEqual } from 'node:assert/strict';
import { EventLines } from '../../../player/rollcall/event-stream-transport.ts';

describe('an event stream', () => {
  it('gives the same events however it is cut', () => {
    const text = ': hello\n\ndata: {"a":1}\n\ndata: {"b":\ndata: 2}\r\n\r\nid: 3\ndata:x\n\n';
    for (let step = 1; step < text.length; step++) {
      const events: string[] = [];
      const lines = new EventLines((data) => events.push(data));
      for (let i = 0; i < text.length; i += step) lines.add(text.slice(i, i + step));
      deepEqual(events, ['{"a":1}', '{"b":\n2}', 'x']);
    }
  });
});
