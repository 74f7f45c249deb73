import assert from 'node:assert/strict';
import { renderAccessibility } from '../../../../origin/packager/dash/accessibility.ts';

describe('closed captions in an MPD (SCTE 214-1 §7.2)', () => {
  const table: { name: string; captions: string[]; language: string; want: string[] }[] = [
    { name: 'none', captions: [], language: 'en', want: [] },
    {
      name: 'of CTA-608',
      captions: ['CC1', 'CC3'],
      language: 'en-GB',
      want: ['<Accessibility schemeIdUri="urn:scte:dash:cc:cea-608:2015" value="CC1=eng;CC3=und"/>'],
    },
    {
      name: 'of both kinds, in a language of three letters',
      captions: ['CC1', 'SERVICE1', 'SERVICE12'],
      language: 'yue',
      want: [
        '<Accessibility schemeIdUri="urn:scte:dash:cc:cea-608:2015" value="CC1=yue"/>',
        '<Accessibility schemeIdUri="urn:scte:dash:cc:cea-708:2015" value="1=lang:yue;12=lang:und"/>',
      ],
    },
  ];
  for (const { name, captions, language, want } of table) {
    it(name, () => assert.deepEqual(renderAccessibility(captions, language), want));
  }
});
