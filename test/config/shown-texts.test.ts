import assert from 'node:assert/strict';
import { parseConfig } from '../../config/load.ts';
import { contentDisposition } from '../../shared/content-disposition.ts';
import { broadcastChange } from '../../origin/broadcasts/broadcast-record.ts';
import { markInput } from '../../origin/marks/mark.ts';
import { identityOf } from '../../rollcall/gateway/identity.ts';
import { checkQuestion } from '../../rollcall/protocol/call.ts';
import { checkText } from '../../rollcall/protocol/checked.ts';

const TURNED = 'exam\u202egpj.exe';
const SHOWN = 'examgpj.exe';

describe('a text with characters that hide or turn others', () => {
  const channelWith = (texts: object) =>
    parseConfig(
      JSON.stringify({ channels: [{ id: 'hall-7', title: 'Hall', publishKey: 'a-secret-key-1', ...texts }] }),
      {},
    ).channels[0];

  for (const key of ['title', 'subject', 'teacher'] as const) {
    for (const character of ['\u202e', '\u2066', '\u0007', '\u001b', '\u200e', '\u200f']) {
      const code = character.charCodeAt(0).toString(16);
      it(`loses them as the ${key} of a configured channel: U+${code}`, () => {
        assert.equal(channelWith({ [key]: `Hall ${character}7` })?.[key], 'Hall 7');
      });
    }
  }

  it('loses the line feed at the end of a block of YAML, before it is measured', () => {
    const title = 'x'.repeat(200);
    assert.equal(channelWith({ title: `${title}\n` })?.title, title);
    assert.throws(() => channelWith({ title: `${title}x` }), /channels\.0\.title/);
    assert.throws(() => channelWith({ title: '\u200e\n' }), /channels\.0\.title/);
  });

  it('loses them where a teacher changes a broadcast', () => {
    const change = broadcastChange.parse({ title: TURNED, teacher: 'Ms\u0000 Li\n', subject: ' \u202eArt ' });
    assert.deepEqual(change, { title: SHOWN, teacher: 'Ms Li', subject: 'Art' });
    assert.equal(broadcastChange.safeParse({ title: '\u202e\u0000' }).success, false);
    assert.equal(broadcastChange.safeParse({ title: 'x'.repeat(201) }).success, false);
  });

  it('loses them as the label of a mark', () => {
    const mark = { kind: 'presence', atMs: 1, endMs: null, label: `Who\nis ${TURNED}?` };
    assert.equal(markInput.parse(mark).label, `Who is ${SHOWN}?`);
  });

  it('loses them as a name in a token, and the id stands in for a name of nothing else', () => {
    const claims = { sub: 's1', channel: 'hall-7', role: 'student', exp: 1 } as const;
    assert.equal(identityOf({ ...claims, name: TURNED })?.name, SHOWN);
    assert.equal(identityOf({ ...claims, name: '\u202e' })?.name, 's1');
  });

  it('is refused as a question, a choice, an answer or a guest’s name', () => {
    assert.equal(checkQuestion({ kind: 'presence', prompt: TURNED }).ok, false);
    assert.equal(checkQuestion({ kind: 'choice', prompt: 'Which?', choices: ['a', TURNED] }).ok, false);
    assert.equal(checkText('name', TURNED, 60).ok, false);
  });

  it('loses them in the name of a downloaded file', () => {
    const header = contentDisposition(TURNED);
    assert.match(header, /filename="examgpj\.exe\.mp4"/);
    assert.doesNotMatch(decodeURIComponent(header), /\u202e/);
  });
});
