import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CaptionScan } from '../../../media/codec/a53-captions.ts';
import { escapeNal, joinNalUnits } from '../../../media/codec/nal-units.ts';

/** Type of a triple of cc_data and its two bytes. */
type Triple = readonly [type: 0 | 1 | 2 | 3, a: number, b: number];

/** A picture of H.264 or H.265 whose SEI has these triples. */
function picture(triples: readonly Triple[], kind: 'avc' | 'hevc' = 'avc', userId = 'GA94'): Buffer {
  const ccData = triples.flatMap(([type, a, b]) => [0xfc | type, a, b]);
  const payload = Buffer.from([
    ...[0xb5, 0, 0x31, ...Buffer.from(userId), 3],
    ...[0xc0 | triples.length, 0xff, ...ccData, 0xff],
  ]);
  const messages = Buffer.concat([
    Buffer.from([1, 1, 0]), // another message in front
    Buffer.from([4, payload.length]),
    payload,
    Buffer.from([0x80]),
  ]);
  const header = kind === 'avc' ? [6] : [39 << 1, 1];
  const slice = Buffer.from(kind === 'avc' ? [0x65, 1, 2, 3] : [19 << 1, 1, 2, 3]);
  const sample = joinNalUnits([escapeNal(Buffer.concat([Buffer.from(header), messages])), slice], 4);
  assert.ok(sample !== null);
  return sample;
}

/** A DTVCC packet of service blocks, as triples. */
function dtvcc(...blocks: readonly (readonly number[])[]): Triple[] {
  const content = blocks.flat();
  if (content.length % 2 === 0) content.push(0);
  const bytes = [(content.length + 1) / 2, ...content];
  return Array.from(
    { length: bytes.length / 2 },
    (_, i): Triple => [i === 0 ? 3 : 2, bytes[i * 2] ?? 0, bytes[i * 2 + 1] ?? 0],
  );
}

const ROLL_UP: Triple = [0, 0x94, 0x25];
const HI: Triple = [0, 0xc8, 0x49];
const PADDING: Triple = [0, 0x80, 0x80];

describe('closed captions in pictures (ATSC A/53 Part 4, CTA-608, CTA-708)', () => {
  const table: { name: string; pictures: Buffer[]; want: string[] }[] = [
    { name: 'none', pictures: [picture([])], want: [] },
    { name: 'padding alone', pictures: [picture([PADDING, [1, 0x80, 0x80]])], want: [] },
    { name: 'control codes alone', pictures: [picture([ROLL_UP])], want: [] },
    { name: 'a pair a picture', pictures: [picture([ROLL_UP]), picture([HI])], want: ['CC1'] },
    { name: 'in H.265', pictures: [picture([ROLL_UP], 'hevc'), picture([HI], 'hevc')], want: ['CC1'] },
    { name: 'the second channel', pictures: [picture([[0, 0x1c, 0x25], HI])], want: ['CC2'] },
    {
      name: 'both fields',
      pictures: [picture([ROLL_UP, HI, [1, 0x15, 0x25], [1, 0x41, 0x42]])],
      want: ['CC1', 'CC3'],
    },
    {
      name: 'the fourth channel',
      pictures: [
        picture([
          [1, 0x1d, 0x25],
          [1, 0x41, 0x42],
        ]),
      ],
      want: ['CC4'],
    },
    {
      name: 'Extended Data Services are no captions',
      pictures: [
        picture([
          [1, 0x01, 0x03],
          [1, 0x41, 0x42],
          [1, 0x0f, 0x1d],
        ]),
      ],
      want: [],
    },
    { name: 'text that is no caption', pictures: [picture([[0, 0x14, 0x2a], HI])], want: [] },
    { name: 'a caption that began before', pictures: [picture([HI])], want: ['CC1'] },
    { name: 'a 708 service', pictures: [picture(dtvcc([0x22, 0x41, 0x42]))], want: ['SERVICE1'] },
    {
      name: 'two 708 services beside 608',
      pictures: [picture([ROLL_UP, HI, ...dtvcc([0x22, 0x41, 0x42], [0x41, 0x43])])],
      want: ['CC1', 'SERVICE1', 'SERVICE2'],
    },
    {
      name: 'an extended 708 service',
      pictures: [picture(dtvcc([0xe2, 0x09, 0x41, 0x42]))],
      want: ['SERVICE9'],
    },
    {
      name: 'a 708 packet over several pictures',
      pictures: dtvcc([0x23, 0x41, 0x42, 0x43]).map((triple) => picture([triple])),
      want: ['SERVICE1'],
    },
    { name: '708 commands alone', pictures: [picture(dtvcc([0x21, 0x03]))], want: [] },
    { name: 'user data of another kind', pictures: [picture([ROLL_UP, HI], 'avc', 'DTG1')], want: [] },
  ];
  for (const { name, pictures, want } of table) {
    it(`${name}: ${want.join(', ') || 'none'}`, () => {
      const isHevc = name.includes('H.265');
      const scan = new CaptionScan(isHevc ? 'hevc' : 'avc', 4);
      for (const sample of pictures) scan.take(sample);
      assert.deepEqual(scan.services, want);
    });
  }

  it('whatever a picture holds, it is read to its end', () => {
    const at = fc.tuple(fc.nat(60), fc.nat(255));
    fc.assert(
      fc.property(fc.array(at, { maxLength: 8 }), fc.uint8Array({ maxLength: 200 }), (edits, noise) => {
        const sample = picture([ROLL_UP, HI, ...dtvcc([0x22, 0x41, 0x42])]);
        for (const [index, value] of edits) if (index < sample.length) sample[index] = value;
        const scan = new CaptionScan('avc', 4);
        scan.take(sample);
        scan.take(Buffer.from(noise));
        assert.ok(scan.services.every((service) => /^(CC[1-4]|SERVICE\d{1,2})$/.test(service)));
      }),
    );
  });
});
