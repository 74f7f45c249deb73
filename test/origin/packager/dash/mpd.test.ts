import assert from 'node:assert/strict';
import fc from 'fast-check';
import { latencyTargets } from '../../../../origin/packager/dash/latency.ts';
import { renderMpd } from '../../../../origin/packager/dash/mpd.ts';
import { escapeXml } from '../../../../origin/packager/dash/xml.ts';
import { childrenOf, descendants, readXml, type XmlElement } from '../../../conformance/xml-reader.ts';
import {
  FIRST_NUMBER,
  makeInfo,
  makeInit,
  makeRendition,
  makeRun,
  makeSegment,
  makeView,
  steadyView,
  wholeParts,
} from '../hls/view-fixture.ts';

const NOW_MS = (FIRST_NUMBER + 6) * 1600 + 900;
const n = FIRST_NUMBER;

function only(elements: readonly XmlElement[]): XmlElement {
  const [element] = elements;
  assert.ok(element);
  assert.equal(elements.length, 1);
  return element;
}

describe('an MPD, to the letter', () => {
  it('one run, one rung, sound', () => {
    const utcTiming = '<UTCTiming schemeIdUri="urn:mpeg:dash:utc:http-iso:2014" value="../../api/time"/>';
    const referenceTime = (presentationTime: string): string[] => [
      `<ProducerReferenceTime id="1" inband="false" type="encoder" wallClockTime="2020-02-17T00:30:00.000Z" presentationTime="${presentationTime}">`,
      utcTiming,
      '</ProducerReferenceTime>',
    ];
    const want = [
      '<?xml version="1.0" encoding="UTF-8"?>',
      '<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="urn:mpeg:dash:profile:isoff-live:2011,urn:mpeg:dash:profile:cmaf:2019,http://www.dashif.org/guidelines/low-latency-live-v5" type="dynamic" availabilityStartTime="1970-01-01T00:00:00Z" publishTime="2020-02-17T00:30:09.600Z" minimumUpdatePeriod="PT1S" minBufferTime="PT0.2S" timeShiftBufferDepth="PT11.2S" suggestedPresentationDelay="PT0.9S" maxSegmentDuration="PT1.6S">',
      '<ProgramInformation>',
      '<Title>Sums &lt; &quot;products&quot; &amp; more</Title>',
      '</ProgramInformation>',
      '<ServiceDescription id="0">',
      '<Latency referenceId="1" target="900" max="2700" min="600"/>',
      '<PlaybackRate max="1.08" min="0.95"/>',
      '</ServiceDescription>',
      '<Period id="988687125-live" start="PT1581899400S">',
      '<AdaptationSet id="1" contentType="video" mimeType="video/mp4" maxWidth="1280" maxHeight="720" segmentAlignment="true" startWithSAP="1">',
      '<Label>Sums &lt; &quot;products&quot; &amp; more</Label>',
      ...referenceTime('142370946000000'),
      '<Resync type="0" dT="18000"/>',
      '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>',
      '<Representation id="720p" bandwidth="2500000" codecs="avc1.64001f" width="1280" height="720" sar="1:1" frameRate="25">',
      '<SegmentTemplate timescale="90000" duration="144000" startNumber="988687125" presentationTimeOffset="142370946000000" availabilityTimeOffset="1.4" availabilityTimeComplete="false" initialization="../../media/hall-7/720p/init-aa0000000000.mp4" media="../../media/hall-7/720p/$Number$.m4s"/>',
      '</Representation>',
      '</AdaptationSet>',
      '<AdaptationSet id="2" contentType="audio" mimeType="audio/mp4" lang="zh" segmentAlignment="true" startWithSAP="1">',
      '<Label>Sums &lt; &quot;products&quot; &amp; more</Label>',
      ...referenceTime('75931171200000'),
      '<Resync type="1" dT="9600"/>',
      '<Role schemeIdUri="urn:mpeg:dash:role:2011" value="main"/>',
      '<Representation id="audio" bandwidth="100000" codecs="mp4a.40.2" audioSamplingRate="48000">',
      '<AudioChannelConfiguration schemeIdUri="urn:mpeg:dash:23003:3:audio_channel_configuration:2011" value="2"/>',
      '<SegmentTemplate timescale="48000" duration="76800" startNumber="988687125" presentationTimeOffset="75931171200000" availabilityTimeOffset="1.4" availabilityTimeComplete="false" initialization="../../media/hall-7/audio/init-bb0000000000.mp4" media="../../media/hall-7/audio/$Number$.m4s"/>',
      '</Representation>',
      '</AdaptationSet>',
      '</Period>',
      utcTiming,
      '</MPD>',
      '',
    ].join('\n');
    const view = steadyView(6, 3, { title: 'Sums < "products" & more' });
    assert.equal(renderMpd(view, [makeInfo('720p'), makeInfo('audio')], NOW_MS), want);
  });
});

describe('the Periods of an MPD', () => {
  const slate = makeInit('video', 'aa');
  const live = makeInit('video', 'bb');
  const twin = makeInit('video', 'cc');
  const view = makeView(
    [
      makeRendition('720p', [
        makeSegment({ init: slate, number: n + 1, partsMs: wholeParts('video') }),
        makeSegment({ init: live, number: n + 2, partsMs: wholeParts('video'), discontinuity: true }),
        makeSegment({ init: twin, number: n + 3, partsMs: wholeParts('video') }),
        makeSegment({ init: slate, number: n + 4, partsMs: [], gap: true, discontinuity: true }),
      ]),
      makeRendition('audio', [
        makeSegment({ init: makeInit('audio', 'dd'), number: n + 1, partsMs: [], gap: true }),
        makeSegment({ init: makeInit('audio', 'dd'), number: n + 2, partsMs: wholeParts('audio') }),
      ]),
    ],
    {
      runs: [
        makeRun({ id: 'before', state: 'before', endMs: (n + 2) * 1600 }),
        makeRun({ id: 'live', firstNumber: n + 2, endMs: (n + 4) * 1600 }),
        makeRun({ id: 'interrupted', firstNumber: n + 4 }),
      ],
    },
  );
  const mpd = readXml(renderMpd(view, [], NOW_MS));
  const [before, onAir, ...rest] = childrenOf(mpd, 'Period');

  it('are the runs that have media, each with its own start, however much has left the window', () => {
    assert.ok(before && onAir);
    assert.deepEqual(before.attributes, { id: 'before', start: 'PT1581899400S', duration: 'PT3.2S' });
    assert.deepEqual(onAir.attributes, { id: 'live', start: 'PT1581899403.2S', duration: 'PT3.2S' });
    assert.deepEqual(rest, []);
  });

  it('name the newest init segment where twins differ', () => {
    assert.ok(before && onAir);
    const init = (period: XmlElement): (string | undefined)[] =>
      descendants(period, 'SegmentTemplate').map((template) =>
        template.attributes['initialization']?.slice(-21),
      );
    assert.deepEqual(init(before), ['init-aa0000000000.mp4']);
    assert.deepEqual(init(onAir), ['init-cc0000000000.mp4', 'init-dd0000000000.mp4']);
  });

  it('map a segment number to its place on the grid', () => {
    assert.ok(onAir);
    const [video] = descendants(onAir, 'SegmentTemplate');
    assert.equal(video?.attributes['startNumber'], String(n + 2));
    assert.equal(Number(video?.attributes['presentationTimeOffset']) / 90_000, (n + 2) * 1.6);
  });
});

describe('an MPD', () => {
  it('keeps renditions of different timescales in AdaptationSets of their own', () => {
    const view = makeView([
      makeRendition('720p', [makeSegment({ init: makeInit('video', 'aa'), number: n, partsMs: [200] })]),
      makeRendition('360p', [
        makeSegment({ init: makeInit('video', 'bb', 12_800), number: n, partsMs: [200] }),
      ]),
    ]);
    const sets = descendants(readXml(renderMpd(view, [], NOW_MS)), 'AdaptationSet');
    assert.deepEqual(
      sets.map((set) => set.attributes['id']),
      ['1', '2'],
    );
    assert.deepEqual(
      sets.map((set) => descendants(set, 'ProducerReferenceTime')[0]?.attributes['presentationTime']),
      [String(n * 144_000), String(n * 20_480)],
    );
  });

  it('follows passthrough: longer segments, no promise of closed GOPs, a broken frame rate', () => {
    const view = makeView(
      [
        makeRendition('source', [
          makeSegment({
            init: makeInit('video', 'aa'),
            number: 5,
            gridUnits: 2,
            partsMs: [400],
            closed: false,
          }),
        ]),
      ],
      { gridUnits: 2, partTargetMs: 400, runs: [makeRun({ firstNumber: 5, startMs: 16_000 })] },
    );
    const mpd = readXml(renderMpd(view, [makeInfo('source', { frameRate: 30_000 / 1001 })], 16_500));
    const set = only(descendants(mpd, 'AdaptationSet'));
    const template = only(descendants(set, 'SegmentTemplate'));
    assert.equal(mpd.attributes['maxSegmentDuration'], 'PT3.2S');
    assert.equal(set.attributes['startWithSAP'], undefined);
    assert.equal(template.attributes['duration'], '288000');
    assert.equal(template.attributes['availabilityTimeOffset'], '2.8');
    assert.equal(only(descendants(set, 'Representation')).attributes['frameRate'], '30000/1001');
  });

  it('is published at the start of its newest segment, and never in the future', () => {
    const at = (nowMs: number): string | undefined =>
      readXml(renderMpd(steadyView(6, 3), [], nowMs)).attributes['publishTime'];
    assert.equal(at(NOW_MS), '2020-02-17T00:30:09.600Z');
    assert.equal(at(NOW_MS + 500), at(NOW_MS));
    assert.equal(at(1000), '1970-01-01T00:00:01.000Z');
  });

  it('is well-formed whatever the title', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (title) => {
        const mpd = readXml(renderMpd(steadyView(1, 1, { title }), [], NOW_MS));
        // What XML 1.0 §2.2 leaves out.
        const want = title.replaceAll(
          /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Cs}]/gu,
          '\ufffd',
        );
        assert.equal(only(descendants(mpd, 'Title')).text, want);
      }),
    );
  });
});

describe('escaping for XML', () => {
  const cases = [
    { name: 'markup', text: `<a b="c" d='e'>&`, want: '&lt;a b=&quot;c&quot; d=&apos;e&apos;&gt;&amp;' },
    { name: 'Chinese and emoji as they are', text: '数学 📐', want: '数学 📐' },
    { name: 'what XML cannot hold', text: 'a\u0000b\u001bc\ud800d', want: 'a\ufffdb\ufffdc\ufffdd' },
  ];
  for (const { name, text, want } of cases) it(name, () => assert.equal(escapeXml(text), want));
});

describe('the latency that a part allows', () => {
  for (const { partTargetMs, want } of [
    { partTargetMs: 200, want: { targetMs: 900, minMs: 600, maxMs: 2700 } },
    { partTargetMs: 400, want: { targetMs: 1300, minMs: 800, maxMs: 3900 } },
    { partTargetMs: 800, want: { targetMs: 2100, minMs: 1200, maxMs: 6300 } },
  ]) {
    it(`${partTargetMs} ms: ${want.targetMs} ms`, () => assert.deepEqual(latencyTargets(partTargetMs), want));
  }
});
