import assert from 'node:assert/strict';
import { type Denial, Denials } from '../../../player/channel/denials.ts';

type Event = Parameters<Denials['apiAnswered']>[0] | 'media-denied' | 'media-served';

function take(denials: Denials, event: Event): Denial | null {
  if (event === 'media-denied') denials.mediaDenied();
  else if (event === 'media-served') denials.mediaServed();
  else denials.apiAnswered(event);
  return denials.denial;
}

describe('a channel that is denied', () => {
  const table: { name: string; events: Event[]; want: (Denial | null)[] }[] = [
    {
      name: 'by the API is believed at once when the page opens',
      events: ['not-found'],
      want: ['not-found'],
    },
    {
      name: 'by the API is believed at the third time once it was there',
      events: ['ok', 'not-found', 'forbidden', 'not-found'],
      want: [null, null, null, 'not-found'],
    },
    {
      name: 'by the API starts anew after a good answer',
      events: ['ok', 'not-found', 'not-found', 'ok', 'not-found'],
      want: [null, null, null, null, null],
    },
    {
      name: 'says nothing while the API cannot be reached',
      events: ['unreachable', 'ok', 'unreachable', 'unreachable', 'unreachable', 'not-found'],
      want: [null, null, null, null, null, null],
    },
    {
      name: 'by media once is tried again, three times in a row is believed',
      events: ['ok', 'media-denied', 'media-denied', 'media-denied'],
      want: [null, null, null, 'forbidden'],
    },
    {
      name: 'by media is not contradicted by an API that allows it',
      events: ['media-denied', 'media-denied', 'media-denied', 'ok', 'media-served'],
      want: [null, null, 'forbidden', 'forbidden', null],
    },
    {
      name: 'by media now and then goes on: in between it played',
      events: ['media-denied', 'media-denied', 'media-served', 'media-denied', 'media-denied'],
      want: [null, null, null, null, null],
    },
    {
      name: 'by the API is not lifted by media from a cache',
      events: ['forbidden', 'media-served'],
      want: ['forbidden', 'forbidden'],
    },
  ];
  for (const { name, events, want } of table) {
    it(name, () => {
      const denials = new Denials();
      assert.deepEqual(
        events.map((event) => take(denials, event)),
        want,
      );
    });
  }
});
