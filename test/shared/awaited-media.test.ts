import { deepEqual } from 'node:assert/strict';
import { awaitedMedia } from '../../shared/awaited-media.ts';

describe('what a class waits for', () => {
  for (const { name, picture, sound, want } of [
    { name: 'nothing while both kinds come', picture: 40, sound: 0, want: [] },
    {
      name: 'both before the first of either',
      picture: null,
      sound: null,
      want: ['first-picture', 'first-sound'],
    },
    { name: 'the first picture', picture: null, sound: 20, want: ['first-picture'] },
    { name: 'the first sound', picture: 20, sound: null, want: ['first-sound'] },
    { name: 'nothing during a short pause', picture: 4999, sound: 4999, want: [] },
    { name: 'pictures that stopped', picture: 5000, sound: 0, want: ['picture'] },
    { name: 'sound that stopped', picture: 0, sound: 60_000, want: ['sound'] },
    { name: 'both after both stopped', picture: 5000, sound: 5000, want: ['picture', 'sound'] },
    {
      name: 'sound that stopped before the first picture',
      picture: null,
      sound: 6000,
      want: ['first-picture', 'sound'],
    },
  ]) {
    it(name, () => deepEqual(awaitedMedia({ picture, sound }), want));
  }
});
