import { deepEqual } from 'node:assert/strict';
import { otherIds } from '../../../rollcall/ledger/student-data.ts';

describe('the other ids of a student', () => {
  const asked = [
    { callId: 'k1', sub: 'mei', name: '韩梅梅', rosterId: '714' },
    { callId: 'k2', sub: 'mei', name: '韩梅梅', rosterId: null },
  ];
  const watched = [{ sub: 'guest-1', name: '韩梅梅', rosterId: '714', minutes: [] }];
  for (const { id, records, want } of [
    { id: 'mei', records: { asked, watched: [] }, want: ['714'] },
    { id: '714', records: { asked, watched }, want: ['mei', 'guest-1'] },
    { id: 'mei', records: { asked: [], watched: [] }, want: [] },
  ]) {
    it(`of ${id}: ${want.join(', ') || 'none'}`, () => {
      deepEqual(otherIds(id, { answers: [], ...records }), want);
    });
  }
});
