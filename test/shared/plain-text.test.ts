import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hasHiddenCharacter, plainText } from '../../shared/plain-text.ts';

describe('a line of text that people read', () => {
  for (const { name, text, want } of [
    { name: 'as it is', text: 'Grade 7 – Sound and waves', want: 'Grade 7 – Sound and waves' },
    { name: 'in Chinese', text: '七年级数学', want: '七年级数学' },
    { name: 'in Arabic', text: 'الرياضيات', want: 'الرياضيات' },
    {
      name: 'with joiners that letters and pictures need',
      text: 'می\u200cخواهم 👩\u200d🏫',
      want: 'می\u200cخواهم 👩\u200d🏫',
    },
    { name: 'over two lines', text: ' Sound\r\nand\twaves ', want: 'Sound and waves' },
    { name: 'with controls', text: 'So\u0000u\u001b[31mnd\u007f\u0085', want: 'Sou[31mnd' },
    { name: 'turned around', text: 'exam\u202egpj.exe\u202c', want: 'examgpj.exe' },
    { name: 'with isolates and marks', text: '\u2066a\u2069\u200eb\u200fc\u061cd', want: 'abcd' },
    { name: 'with half a character', text: 'a\ud83dz', want: 'az' },
    { name: 'taken apart', text: 'Ame\u0301lie', want: 'Am\u00e9lie' },
    { name: 'of nothing that can be seen', text: '\u202e\u0000 ', want: '' },
  ]) {
    it(name, () => assert.equal(plainText(text), want));
  }

  it('has nothing hidden, and is left as it is the second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const plain = plainText(text);
        assert.equal(hasHiddenCharacter(plain), false);
        assert.equal(plainText(plain), plain);
      }),
    );
  });
});
