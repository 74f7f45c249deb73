import { equal } from 'node:assert/strict';
import { awaitedNote, isTeacherConnected } from '../../../player/live/awaited-note.ts';
import type { LiveState } from '../../../player/live/live-state.ts';
import type { Awaited } from '../../../shared/awaited-media.ts';

type Row = { name: string; awaited: Awaited[]; want: string | null; state?: LiveState; audioOnly?: boolean };

describe('what a student is told that the class waits for', () => {
  const rows: Row[] = [
    { name: 'nothing while all comes', awaited: [], want: null },
    { name: 'the first picture', awaited: ['first-picture'], want: 'first-picture' },
    { name: 'the first sound', awaited: ['first-sound'], want: 'first-sound' },
    { name: 'a picture that stopped', awaited: ['picture'], want: 'picture' },
    { name: 'sound that stopped', awaited: ['sound'], want: 'sound' },
    { name: 'both', awaited: ['picture', 'sound'], want: 'both' },
    { name: 'both, where sound never came', awaited: ['picture', 'first-sound'], want: 'both' },
    {
      name: 'the first picture, rather than both',
      awaited: ['first-picture', 'sound'],
      want: 'first-picture',
    },
    { name: 'no picture to one who only listens', awaited: ['picture'], want: null, audioOnly: true },
    {
      name: 'the sound to one who only listens',
      awaited: ['picture', 'sound'],
      want: 'sound',
      audioOnly: true,
    },
    { name: 'nothing before the class', awaited: ['picture'], want: null, state: 'before' },
    {
      name: 'nothing while it is interrupted',
      awaited: ['picture', 'sound'],
      want: null,
      state: 'interrupted',
    },
  ];
  for (const { name, awaited, want, state = 'on-air', audioOnly = false } of rows) {
    it(name, () => equal(awaitedNote(state, awaited, audioOnly), want));
  }
});

describe('whether students are told that the teacher is connected', () => {
  const both: Awaited[] = ['first-picture', 'first-sound'];
  const rows: { name: string; state: LiveState; awaited: Awaited[]; want: boolean }[] = [
    { name: 'before a class, while nothing has come', state: 'before', awaited: both, want: true },
    { name: 'before a class, without an encoder', state: 'before', awaited: [], want: false },
    { name: 'when she comes back', state: 'interrupted', awaited: both, want: true },
    { name: 'after a class, when the next one connects', state: 'over', awaited: both, want: true },
    { name: 'not once it is on air', state: 'on-air', awaited: both, want: false },
    { name: 'not of a class that sends something', state: 'before', awaited: ['first-picture'], want: false },
    { name: 'not to one who may not watch', state: 'forbidden', awaited: both, want: false },
  ];
  for (const { name, state, awaited, want } of rows)
    it(name, () => equal(isTeacherConnected(state, awaited), want));
});
