import { deepEqual } from 'node:assert/strict';
import { alsoStoredLines } from '../../cli/student.ts';

describe('lectern student', () => {
  for (const { name, answers, want } of [
    { name: 'no channel', answers: [], want: [] },
    { name: 'an older server', answers: [{ roster: [] }], want: [] },
    {
      name: 'two channels',
      answers: [{ alsoStoredAs: ['714'] }, { alsoStoredAs: ['714', "han o'mei"] }],
      want: [
        'also stored as 714: run again with --id 714',
        String.raw`also stored as han o'mei: run again with --id 'han o'\''mei'`,
      ],
    },
  ]) {
    it(`names the other ids of a student once: ${name}`, () => deepEqual(alsoStoredLines(answers), want));
  }
});
