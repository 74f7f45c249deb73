import { deepEqual, equal } from 'node:assert/strict';
import type { Identity, RollCallRole } from '../../../rollcall/gateway/identity.ts';
import type { Peer } from '../../../rollcall/gateway/peer.ts';
import { Places } from '../../../rollcall/gateway/places.ts';
import { CLOSE_CODES } from '../../../rollcall/protocol/frames.ts';

/** A connection that notes what is done to it. */
class Line implements Peer {
  readonly identity: Identity;
  readonly done: string[] = [];

  constructor(sub: string, role: RollCallRole = 'student') {
    this.identity = { sub, name: sub, role, expMs: Number.POSITIVE_INFINITY };
  }

  send({ json }: { readonly json: string }): void {
    this.done.push(json);
  }

  close(code: number): void {
    this.done.push(String(code));
  }
}

describe('the places at a gateway', () => {
  /** With so many connections, all of them with a place. */
  const placesOf = (maxConnections: number): { places: Places; join(line: Line): void; open(): number } => {
    let open = 0;
    const places = new Places({ maxConnections, openConnections: () => open, random: () => 0.5 });
    return {
      places,
      open: () => open,
      join: (line) => {
        open += 1;
        places.take('hall-7', line);
      },
    };
  };

  for (const { role, most } of [
    { role: 'student', most: 5 },
    { role: 'teacher', most: 12 },
    { role: 'operator', most: 12 },
  ] as const) {
    it(`are ${most} for one ${role}: the oldest goes, and is told when to come back`, () => {
      const { join } = placesOf(1000);
      const lines = Array.from({ length: most + 2 }, () => new Line('li', role));
      for (const line of lines) join(line);
      const bye = JSON.stringify({ type: 'bye', reconnectAfterMs: 90_000 });
      deepEqual(
        lines.map(({ done }) => done),
        lines.map((_, i) => (i < 2 ? [bye, String(CLOSE_CODES.replaced)] : [])),
      );
    });
  }

  it('are counted for each person, channel and role by itself, and given back', () => {
    const { places } = placesOf(1000);
    const lines = [];
    for (const channel of ['hall-7', 'hall-8']) {
      for (const sub of ['li', 'wu']) {
        for (const role of ['student', 'teacher'] as const) {
          for (let i = 0; i < (role === 'student' ? 5 : 12); i++) {
            const line = new Line(sub, role);
            places.take(channel, line);
            lines.push({ channel, line });
          }
        }
      }
    }
    for (const { channel, line } of lines) places.leave(channel, line);
    for (const { channel, line } of lines) places.take(channel, line);
    deepEqual(
      lines.flatMap(({ line }) => line.done),
      [],
    );
  });

  it('are twelve for one student on all channels, which a token for all of them opens', () => {
    const { places } = placesOf(1000);
    const lines = Array.from({ length: 20 }, () => new Line('li'));
    for (const [i, line] of lines.entries()) places.take(`hall-${i}`, line);
    deepEqual(
      lines.map(({ done }) => done.length > 0),
      lines.map((_, i) => i < 8),
    );
  });

  it('are kept for teachers and operators in part, whoever fills the rest', () => {
    const { places, join, open } = placesOf(60);
    for (let i = 0; !places.isFull('student', false); i++) join(new Line(`s${i}`));
    equal(open(), 57);
    equal(places.isFull('teacher', false), false);
    equal(places.isFull('operator', false), false);
    // Teachers who are there take nothing from students.
    join(new Line('t', 'teacher'));
    equal(places.isFull('student', false), true);
    equal(places.isFull('student', true), false);
  });

  it('are there for a student even where there is hardly one', () => {
    equal(placesOf(1).places.isFull('student', false), false);
  });
});
