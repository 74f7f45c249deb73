import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  FREE_SEAT,
  seatArrive,
  seatDeadlineMs,
  seatLeave,
  seatMedia,
  seatTime,
  type Seat,
} from '../../../ingest/publish/seat.ts';

const held: Seat = { holder: 'a', lastMediaMs: 1000, waiting: null };
const waited: Seat = { holder: 'a', lastMediaMs: 1000, waiting: 'b' };
const nothing = { refuse: null, close: null, admit: null };

describe("ingest: the publisher's seat", () => {
  const table = [
    {
      name: 'a free seat is taken at once',
      got: seatArrive(FREE_SEAT, 'a', 1000),
      want: { ...nothing, seat: held, admit: 'a' },
    },
    { name: 'a newcomer waits', got: seatArrive(held, 'b', 1500), want: { ...nothing, seat: waited } },
    {
      name: 'of two that wait the later one stays',
      got: seatArrive(waited, 'c', 1600),
      want: { ...nothing, seat: { ...waited, waiting: 'c' }, refuse: 'b' },
    },
    {
      name: 'the next packet of the holder refuses who waits',
      got: seatMedia(waited, 'a', 1700),
      want: { ...nothing, seat: { holder: 'a', lastMediaMs: 1700, waiting: null }, refuse: 'b' },
    },
    {
      name: 'media of anybody else changes nothing',
      got: seatMedia(waited, 'b', 1700),
      want: { ...nothing, seat: waited },
    },
    {
      name: 'short of the time nothing happens',
      got: seatTime(waited, 1999, 1000),
      want: { ...nothing, seat: waited },
    },
    {
      name: 'a holder that was silent for the time is closed and makes way',
      got: seatTime(waited, 2000, 1000),
      want: { seat: { holder: 'b', lastMediaMs: 2000, waiting: null }, refuse: null, close: 'a', admit: 'b' },
    },
    {
      name: 'without a newcomer silence changes nothing',
      got: seatTime(held, 99_000, 1000),
      want: { ...nothing, seat: held },
    },
    {
      name: 'when the holder leaves, who waits is let in',
      got: seatLeave(waited, 'a', 1200),
      want: { ...nothing, seat: { holder: 'b', lastMediaMs: 1200, waiting: null }, admit: 'b' },
    },
    {
      name: 'when the holder leaves, the seat is free',
      got: seatLeave(held, 'a', 1200),
      want: { ...nothing, seat: FREE_SEAT },
    },
    { name: 'who waits may leave', got: seatLeave(waited, 'b', 1200), want: { ...nothing, seat: held } },
  ];
  for (const { name, got, want } of table) it(name, () => assert.deepEqual(got, want));

  it('tells when to look again', () => {
    assert.equal(seatDeadlineMs(waited, 500), 1500);
    assert.equal(seatDeadlineMs(held, 500), null);
  });

  it('whatever happens: one holder, admitted once; nobody admitted is refused; a holder that sends keeps its seat', () => {
    const event = fc.record({
      kind: fc.constantFrom('arrive', 'media', 'time', 'leave'),
      id: fc.integer({ min: 0, max: 5 }),
      afterMs: fc.integer({ min: 0, max: 600 }),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 80 }), (events) => {
        let seat = FREE_SEAT;
        let nowMs = 0;
        let serial = 0;
        const present = new Map<number, string>();
        for (const { kind, id, afterMs } of events) {
          nowMs += afterMs;
          const before = seat;
          const session = present.get(id);
          let step = { seat, ...nothing } as ReturnType<typeof seatTime>;
          if (kind === 'arrive' && session === undefined) {
            const name = `s${serial++}`;
            present.set(id, name);
            step = seatArrive(seat, name, nowMs);
          } else if (kind === 'media' && session !== undefined) {
            step = seatMedia(seat, session, nowMs);
          } else if (kind === 'time') {
            step = seatTime(seat, nowMs, 1000);
          } else if (kind === 'leave' && session !== undefined) {
            present.delete(id);
            step = seatLeave(seat, session, nowMs);
          }
          seat = step.seat;
          for (const [key, name] of present) {
            if (name === step.refuse || name === step.close) present.delete(key);
          }
          assert.equal(step.admit !== null, seat.holder !== null && seat.holder !== before.holder);
          assert.notEqual(step.refuse, seat.holder ?? '-');
          if (step.close !== null) assert.ok(nowMs - before.lastMediaMs >= 1000);
          const names = new Set(present.values());
          assert.ok(seat.holder === null || names.has(seat.holder));
          assert.ok(seat.waiting === null || names.has(seat.waiting));
          assert.ok(seat.holder !== null || names.size === 0);
        }
      }),
    );
  });
});
