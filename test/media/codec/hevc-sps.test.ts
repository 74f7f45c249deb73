import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BitWriter } from '../../../media/codec/bit-writer.ts';
import { readHevcSps } from '../../../media/codec/hevc-sps.ts';
import { isMalformed } from '../../../media/codec/malformed.ts';
import { escapeNal } from '../../../media/codec/nal-units.ts';

/** What varies between the parameter sets of these tests. */
type Content = {
  readonly scalingLists?: boolean;
  readonly shortTermSets?: (bits: BitWriter) => void;
  readonly longTerm?: number;
  readonly fieldSequence?: boolean;
  readonly cropRight?: number;
  readonly subLayers?: number;
};

/** Writes an SPS of 1,280 × 720 at 30 pictures a second (ISO/IEC 23008-2 §7.3.2.2). */
function sps(content: Content = {}): Buffer {
  const bits = new BitWriter();
  const subLayers = content.subLayers ?? 0;
  bits.u(4, 0).u(3, subLayers).u(1, 1); // sps_video_parameter_set_id, sps_max_sub_layers_minus1, nesting
  bits.u(8, 1).u(32, 0x60000000).u(16, 0x9000).u(32, 0).u(8, 93); // profile_tier_level
  for (let i = 0; i < subLayers; i++) bits.u(2, 3); // each with a profile and a level
  if (subLayers > 0) bits.u(2 * (8 - subLayers), 0);
  for (let i = 0; i < subLayers; i++) bits.u(32, 0).u(32, 0).u(24, 0).u(8, 90);
  bits.ue(0).ue(1).ue(1280).ue(720); // id, chroma_format_idc, width, height
  if (content.cropRight === undefined) bits.u(1, 0);
  else bits.u(1, 1).ue(0).ue(content.cropRight).ue(0).ue(0); // conformance window
  bits.ue(0).ue(0).ue(4).u(1, 1); // bit depths, log2_max_pic_order_cnt_lsb_minus4, sub_layer_ordering_info_present
  for (let i = 0; i <= subLayers; i++) bits.ue(4).ue(2).ue(0);
  for (let i = 0; i < 6; i++) bits.ue(1); // block sizes and depths
  bits.u(1, content.scalingLists === true ? 1 : 0); // scaling_list_enabled_flag
  if (content.scalingLists === true) {
    bits.u(1, 1);
    for (let size = 0; size < 4; size++) {
      for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
        if (matrix === 0) {
          bits.u(1, 0).ue(0); // taken from the default
          continue;
        }
        bits.u(1, 1);
        if (size > 1) bits.se(3);
        for (let i = 0; i < Math.min(64, 16 * 4 ** size); i++) bits.se(i % 2 === 0 ? 1 : -1);
      }
    }
  }
  bits.u(2, 0).u(1, 1).u(8, 0x77).ue(0).ue(1).u(1, 0); // amp, sao; pcm
  if (content.shortTermSets === undefined) bits.ue(0);
  else content.shortTermSets(bits);
  bits.u(1, content.longTerm === undefined ? 0 : 1);
  if (content.longTerm !== undefined) {
    bits.ue(content.longTerm);
    for (let i = 0; i < Math.min(content.longTerm, 32); i++) bits.u(8, i).u(1, 1);
  }
  bits.u(2, 0).u(1, 1); // temporal_mvp, strong_intra_smoothing; vui_parameters_present_flag
  bits.u(1, 1).u(8, 255).u(16, 37).u(16, 31); // aspect ratio
  bits.u(1, 1).u(1, 0); // overscan
  bits.u(1, 1).u(3, 5).u(1, 1).u(1, 1).u(8, 9).u(8, 16).u(8, 9); // video signal: full range, BT.2020, PQ
  bits.u(1, 1).ue(2).ue(2); // chroma locations
  bits
    .u(1, 0)
    .u(1, content.fieldSequence === true ? 1 : 0)
    .u(1, 0); // neutral chroma, field_seq_flag, frame_field_info
  bits.u(1, 1).ue(1).ue(1).ue(1).ue(1); // default display window
  bits.u(1, 1).u(32, 1000).u(32, 30_000).u(1, 0); // timing
  return Buffer.concat([Buffer.of(0x42, 0x01), escapeNal(bits.bytes())]);
}

const WANT = {
  ...{ widthPx: 1280, heightPx: 720, frameRate: 30, framesOnly: true, fullRange: true, level: 93 },
  sampleAspectRatio: { horizontal: 37, vertical: 31 },
  colour: { primaries: 9, transfer: 16, matrix: 9 },
  timing: { unitsInTick: 1000, timescaleHz: 30_000 },
};

describe('H.265 sequence parameter set (ISO/IEC 23008-2 §7.3.2.2)', () => {
  const table: { name: string; content: Content; want?: object }[] = [
    { name: 'the simplest', content: {} },
    { name: 'scaling lists', content: { scalingLists: true } },
    { name: 'three temporal sub-layers', content: { subLayers: 3 } },
    { name: 'long-term pictures', content: { longTerm: 3 } },
    {
      name: 'reference picture sets, one predicted from the one before it',
      content: {
        shortTermSets: (bits) => {
          bits.ue(3);
          bits.ue(2).ue(1).ue(0).u(1, 1).ue(1).u(1, 1).ue(0).u(1, 0); // two before, one after
          bits.u(1, 1).u(1, 0).ue(0).u(1, 1).u(1, 0).u(1, 1).u(1, 0).u(1, 0).u(1, 1); // used; unused and kept; gone; used
          bits.u(1, 1).u(1, 1).ue(1).u(1, 1).u(1, 1).u(1, 1).u(1, 1); // of the three that are left, and itself
        },
      },
    },
    { name: 'a window', content: { cropRight: 20 }, want: { widthPx: 1240, codedWidthPx: 1280 } },
    {
      name: 'a sequence of fields',
      content: { fieldSequence: true },
      want: {
        ...{ framesOnly: false, isFieldSequence: true, frameRate: 15 },
        ...{ heightPx: 1440, codedHeightPx: 1440 },
      },
    },
  ];
  for (const { name, content, want } of table) {
    it(name, () => {
      const picture = readHevcSps(sps(content));
      assert.deepEqual({ ...picture, ...WANT, ...want }, picture);
    });
  }

  const refused = [
    { name: 'another NAL unit', nal: Buffer.alloc(20, 0x40), why: /nal_unit_type 32, want 33/ },
    { name: 'one that is cut off', nal: sps().subarray(0, 30), why: /SPS of 30 bytes: it ends too early/ },
    {
      name: '33 long-term pictures',
      nal: sps({ longTerm: 33 }),
      why: /reference picture sets are out of range/,
    },
    {
      name: '65 short-term sets',
      nal: sps({ shortTermSets: (bits) => void bits.ue(65) }),
      why: /reference picture sets are out of range/,
    },
    { name: 'a window that leaves nothing', nal: sps({ cropRight: 640 }), why: /picture of 0 x 720/ },
  ];
  for (const { name, nal, why } of refused) {
    it(`refuses ${name}`, () => {
      const picture = readHevcSps(nal);
      assert.match(isMalformed(picture) ? picture.malformed : 'it was read', why);
    });
  }

  it('one mutated anywhere is malformed or gives a size and a rate within bounds', () => {
    const nal = sps({ scalingLists: true, longTerm: 3, subLayers: 1 });
    const edits = fc.array(fc.tuple(fc.nat(nal.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(edits, (changes) => {
        const bytes = Buffer.from(nal);
        for (const [at, value] of changes) bytes[at] = value;
        const picture = readHevcSps(bytes);
        if (isMalformed(picture)) return;
        assert.ok(picture.widthPx <= 8192 && picture.heightPx <= 8192 && picture.frameRate <= 240);
      }),
      { numRuns: 1000 },
    );
  });
});
