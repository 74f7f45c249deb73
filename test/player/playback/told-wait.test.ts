/// <reference lib="dom" />
import assert from 'node:assert/strict';
import { toldWaitOf } from '../../../player/playback/told-wait.ts';

const bodyOf = (code: string): string => JSON.stringify({ error: { code, message: '' } });

describe('the wait that a server without room asks for', () => {
  for (const { name, after, type, text, want } of [
    { name: 'of a full origin', after: '9', type: 'text', text: bodyOf('origin-full'), want: [9000, true] },
    {
      name: 'of a busy library',
      after: '9',
      type: 'text',
      text: bodyOf('library-busy'),
      want: [9000, false],
    },
    {
      name: 'of a proxy with a page of its own',
      after: '120',
      type: '',
      text: '<html>',
      want: [120_000, false],
    },
    { name: 'of a reply in bytes', after: '1', type: 'arraybuffer', text: null, want: [1000, false] },
    { name: 'that is not named', after: null, type: 'text', text: bodyOf('origin-full'), want: null },
  ] as const) {
    it(name, () => {
      const reply = {
        getResponseHeader: () => after,
        responseType: type,
        get responseText(): string {
          assert.ok(text !== null, 'the text of bytes was read');
          return text;
        },
      };
      const told = toldWaitOf(reply);
      assert.deepEqual(told && [told.afterMs, told.isFull], want);
    });
  }
});
