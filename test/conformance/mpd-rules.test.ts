import assert from 'node:assert/strict';
import { checkMpdHistory } from './mpd-rules.ts';
import { simulateHistory } from './simulated-channel.ts';
import { type Exchange, summarize } from './violation.ts';

describe('LL-DASH conformance over time', () => {
  for (const partTargetMs of [200, 400, 800]) {
    it(`parts of ${partTargetMs} ms: Periods that come and go break no rule`, () => {
      assert.equal(summarize(checkMpdHistory(simulateHistory(partTargetMs).mpds)), '');
    });
  }
});

const { mpds } = simulateHistory(200);

/** Faults, each with the section that is to be named. */
const SEEDED: { name: string; section: string; from: RegExp | string; to: string; lastOnly?: true }[] = [
  { name: 'no profile', section: '§9.X.4.1', from: /profiles="[^"]*"/, to: 'profiles=""' },
  { name: 'no ServiceDescription', section: '§9.X.4.2', from: /<Latency[^>]*>/, to: '' },
  { name: 'a target above its maximum', section: 'annex K.3', from: /max="2700"/, to: 'max="800"' },
  { name: 'no UTCTiming', section: '§9.X.4.2', from: /<UTCTiming[^>]*>\n<\/MPD>/, to: '</MPD>' },
  {
    name: 'no ProducerReferenceTime',
    section: '§9.X.4.3',
    from: /<ProducerReferenceTime[^]*?<\/ProducerReferenceTime>/,
    to: '',
  },
  {
    name: 'a ProducerReferenceTime without an id',
    section: '§9.X.4.3',
    from: /<ProducerReferenceTime id="1"/,
    to: '<ProducerReferenceTime',
  },
  {
    name: 'a ProducerReferenceTime of another moment',
    section: '§9.X.4.3',
    from: /wallClockTime="2020/g,
    to: 'wallClockTime="2021',
  },
  { name: 'no availabilityTimeOffset', section: '§9.X.4.3', from: / availabilityTimeOffset="[^"]*"/, to: '' },
  {
    name: 'an availabilityTimeOffset of a whole segment',
    section: '§9.X.4.3',
    from: /availabilityTimeOffset="1.4"/,
    to: 'availabilityTimeOffset="1.6"',
  },
  {
    name: 'segments said to be complete',
    section: '§9.X.4.3',
    from: /availabilityTimeComplete="false"/,
    to: 'availabilityTimeComplete="true"',
  },
  { name: '$Number$ and $Time$ at once', section: '§9.X.4.3', from: /\$Number\$/, to: '$$Number$$-$$Time$$' },
  { name: 'no Resync', section: '§9.X.4.5', from: /<Resync[^>]*>/g, to: '' },
  {
    name: 'a start that moves',
    section: '§5.4',
    from: 'availabilityStartTime="1970-01-01T00:00:00Z"',
    to: 'availabilityStartTime="1970-01-01T00:00:01Z"',
    lastOnly: true,
  },
  {
    name: 'a Period that starts anew under its old id',
    section: '§5.4',
    from: /startNumber="\d+"/,
    to: 'startNumber="7"',
    lastOnly: true,
  },
  {
    name: 'a publishTime that goes back',
    section: '§5.3.1.2',
    from: /publishTime="2020/,
    to: 'publishTime="2019',
    lastOnly: true,
  },
  { name: 'two Periods of one id', section: '§5.3.2.2', from: /<Period id="[^"]*"/g, to: '<Period id="x"' },
  {
    name: 'Periods that overlap',
    section: '§5.3.2.1',
    from: /duration="PT[\d.]+S">\n<Ada/,
    to: 'duration="PT9999S">\n<Ada',
  },
  { name: 'a Period of nothing', section: '§5.3.2', from: /<AdaptationSet[^]*<\/AdaptationSet>/, to: '' },
  { name: 'markup in a title', section: '§2.1', from: '<Title>', to: '<Title> 1 < 2 & 3' },
  { name: 'a tag that is not closed', section: '§2.1', from: '</MPD>', to: '' },
];

describe('the LL-DASH checker catches', () => {
  for (const { name, section, from, to, lastOnly } of SEEDED) {
    it(`${name} (${section})`, () => {
      const changed: Exchange[] = mpds.map((exchange, index) =>
        lastOnly === true && index < mpds.length - 1
          ? exchange
          : { ...exchange, text: exchange.text.replace(from, to) },
      );
      assert.ok(
        changed.some((exchange, index) => exchange.text !== mpds[index]?.text),
        'the seed changed nothing',
      );
      const found = checkMpdHistory(changed);
      assert.ok(
        found.some((violation) => violation.section.endsWith(section)),
        summarize(found),
      );
    });
  }

  it('an MPD that is not there, or of another type', () => {
    const [first] = mpds;
    assert.ok(first);
    const found = checkMpdHistory([
      { ...first, status: 500 },
      { ...first, headers: {} },
    ]);
    assert.deepEqual(
      found.map(({ detail }) => detail),
      ['500', 'none'],
    );
  });
});
