import { equal } from 'node:assert/strict';
import { joinSentences } from '../../../player/text/sentences.ts';

describe('sentences one behind the other', () => {
  it('have a blank between them in English', () => equal(joinSentences(['One.', 'Two.'], 'en'), 'One. Two.'));
  it('have none in Chinese', () => equal(joinSentences(['一。', '二。'], 'zh'), '一。二。'));
});
