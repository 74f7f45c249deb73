import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readAvcRecord } from '../../../media/codec/avc-config.ts';
import {
  type PicturePosition,
  positionAfter,
  type RepeatableAvc,
  repeatPicture,
  withRepeatPps,
} from '../../../media/codec/avc-repeat.ts';
import { type AvcSliceHeader, readAvcSliceHeader } from '../../../media/codec/avc-slice-header.ts';
import { BitWriter } from '../../../media/codec/bit-writer.ts';
import { isMalformed } from '../../../media/codec/malformed.ts';
import { escapeNal } from '../../../media/codec/nal-units.ts';
import { decodeMd5, encodeH264, type H264Clip, type H264Picture, mp4Of } from '../support/h264-clip.ts';

const GOP = 20;

/** The result, which must not be malformed. */
function whole<T extends object>(result: T): Exclude<T, { malformed: string }> {
  assert.ok(!isMalformed(result), isMalformed(result) ? result.malformed : '');
  return result as Exclude<T, { malformed: string }>;
}

/** Puts pictures of the encoder and repeats together, and notes which picture each position must show. */
class Track {
  readonly pictures: H264Picture[] = [];
  /** Index of the encoder's picture that is shown. */
  readonly shown: number[] = [];
  readonly #clip: H264Clip;
  readonly #stream: RepeatableAvc;
  #last: PicturePosition & Pick<AvcSliceHeader, 'isReference'>;

  constructor(clip: H264Clip, stream: RepeatableAvc) {
    this.#clip = clip;
    this.#stream = stream;
    this.#last = { frameNum: 0, pictureOrderLsb: 0, isReference: true };
  }

  encoded(index: number): this {
    const picture = this.#clip.pictures[index];
    assert.ok(picture !== undefined);
    this.#last = whole(readAvcSliceHeader(picture.data, this.#stream.sps, this.#stream.lengthSize));
    this.pictures.push(picture);
    this.shown.push(index);
    return this;
  }

  repeat(isReference: boolean): this {
    const position = positionAfter(this.#last, this.#stream.sps);
    const data = repeatPicture(this.#stream, position, isReference);
    assert.ok(data.length <= 20, `${data.length} bytes`);
    const read = whole(readAvcSliceHeader(data, this.#stream.sps, this.#stream.lengthSize));
    assert.deepEqual(read, {
      ...{ isIdr: false, isReference, isBidirectional: false, field: null },
      ppsId: this.#stream.ppsId,
      ...position,
    });
    this.#last = read;
    this.pictures.push({ data, isSync: false });
    this.shown.push(this.shown.at(-1) ?? 0);
    return this;
  }
}

/** Decodes a track, and compares each picture with the encoder's own. */
function assertShows(clip: H264Clip, stream: RepeatableAvc, track: Track, own: readonly string[]): void {
  const { sums, complaints } = decodeMd5(mp4Of(clip, stream.decoderConfig, track.pictures));
  assert.equal(complaints, '');
  assert.deepEqual(
    sums.map((sum) => own.indexOf(sum)),
    track.shown,
  );
}

function prepared(size: string, count: number, args?: readonly string[]) {
  const clip = encodeH264(size, count, GOP, args);
  const stream = whole(withRepeatPps(clip.record));
  const { sums: own } = decodeMd5(mp4Of(clip, clip.record, clip.pictures));
  assert.equal(new Set(own).size, count, 'every picture of the clip is another one');
  return { clip, stream, own };
}

describe('repeat pictures, decoded by ffmpeg', () => {
  for (const size of ['854x480', '640x360', '1280x720', '360x640']) {
    it(`${size}: between any two pictures, and in place of the last ones before an IDR picture`, () => {
      const { clip, stream, own } = prepared(size, 3 * GOP);
      const group = fc.record({
        /** Pictures of the encoder that are shown, and for each whether a repeat follows. */
        between: fc.array(fc.boolean(), { minLength: 1, maxLength: GOP }),
        repeats: fc.nat(GOP),
      });
      fc.assert(
        fc.property(fc.array(group, { minLength: 3, maxLength: 3 }), (groups) => {
          const track = new Track(clip, stream);
          groups.forEach(({ between, repeats }, i) => {
            between.forEach((isRepeated, at) => {
              track.encoded(i * GOP + at);
              if (isRepeated) track.repeat(false);
            });
            for (let n = 0; n < repeats; n++) track.repeat(true);
          });
          assertShows(clip, stream, track, own);
        }),
        { numRuns: 6 },
      );
    });
  }

  it('after every picture: half the pictures, the whole frame rate', () => {
    const { clip, stream, own } = prepared('640x360', 2 * GOP);
    const track = new Track(clip, stream);
    for (let i = 0; i < 2 * GOP; i++) track.encoded(i).repeat(false);
    assertShows(clip, stream, track, own);
  });

  it('a hundred in a row: frame_num begins again several times', () => {
    const { clip, stream, own } = prepared('360x640', 2 * GOP);
    assert.equal(stream.sps.frameNumBits, 4);
    const track = new Track(clip, stream).encoded(0).encoded(1);
    for (let n = 0; n < 100; n++) track.repeat(true);
    for (let i = GOP; i < 2 * GOP; i++) track.encoded(i);
    assertShows(clip, stream, track, own);
  });

  it('directly after and directly before an IDR picture', () => {
    const { clip, stream, own } = prepared('854x480', 2 * GOP);
    const track = new Track(clip, stream).encoded(0);
    for (let n = 1; n < GOP; n++) track.repeat(true);
    for (let i = GOP; i < 2 * GOP; i++) track.encoded(i);
    assertShows(clip, stream, track, own);
  });

  const settings = [
    {
      name: 'several slices a picture, several reference pictures, weighted prediction',
      args: ['-preset', 'medium', '-tune', 'zerolatency', '-x264-params', 'slices=4:ref=4:weightp=2'],
    },
    {
      name: 'Constrained Baseline',
      args: ['-preset', 'superfast', '-tune', 'zerolatency', '-profile:v', 'baseline'],
    },
    {
      name: 'pic_order_cnt_type 0',
      args: ['-preset', 'superfast', '-bf', '1', '-x264-params', 'b-adapt=1:b-bias=-100:rc-lookahead=2'],
    },
  ];
  for (const { name, args } of settings) {
    it(name, () => {
      const { clip, stream, own } = prepared('640x360', 2 * GOP, args);
      assert.equal(stream.sps.pictureOrderType, name.endsWith('0') ? 0 : 2);
      const track = new Track(clip, stream);
      for (let i = 0; i < 7; i++) track.encoded(i).repeat(false);
      for (let n = 0; n < 30; n++) track.repeat(true);
      for (let i = GOP; i < 2 * GOP; i++) track.encoded(i);
      assertShows(clip, stream, track, own);
    });
  }
});

describe('what a repeat picture is put into', () => {
  const sps = '6764000cacd941419f9f011000000300100000030320f14299';
  const record = (setCount: number, sets: string, rest = '') =>
    Buffer.from(`0164000cff${(0xe0 + setCount).toString(16)}${sets}${rest}`.replaceAll(' ', ''), 'hex');
  const high = record(1, `0019${sps}`, '01 000668ebe3cb22c0 fdf8f800');

  it('its configuration has one more picture parameter set, and is otherwise the same', () => {
    const { decoderConfig, ppsId, lengthSize } = whole(withRepeatPps(high));
    assert.deepEqual([ppsId, lengthSize], [1, 4]);
    const added = whole(readAvcRecord(decoderConfig)).pps[1] ?? Buffer.alloc(0);
    const length = added.length.toString(16).padStart(4, '0');
    assert.equal(
      decoderConfig.toString('hex'),
      high
        .toString('hex')
        .replace('01000668ebe3cb22c0', `02000668ebe3cb22c0${length}${added.toString('hex')}`),
    );
  });

  it('an id in use is left alone', () => {
    const again = whole(withRepeatPps(whole(withRepeatPps(high)).decoderConfig));
    assert.equal(again.ppsId, 2);
    assert.equal(whole(readAvcRecord(again.decoderConfig)).pps.length, 3);
  });

  const interlaced = '6764001facd940a07b6022000003000200000300c83e2c5b2c';
  /** Baseline, 320 × 192, from seq_parameter_set_id on. */
  const baseline = (orderType: number, references: number) => {
    const bits = new BitWriter().u(8, 0x67).u(8, 66).u(8, 0).u(8, 31).ue(0).ue(0).ue(orderType);
    if (orderType === 0) bits.ue(0);
    if (orderType === 1) bits.flag(false).se(0).se(0).ue(0);
    bits.ue(references).flag(false).ue(19).ue(11).flag(true).flag(true).flag(false).flag(false);
    const nal = escapeNal(bits.trailingBits().bytes());
    return record(1, `${nal.length.toString(16).padStart(4, '0')}${nal.toString('hex')}`, '00');
  };
  it('pic_order_cnt_type 0 and 2', () => {
    for (const type of [0, 2]) {
      const stream = whole(withRepeatPps(baseline(type, 1)));
      assert.deepEqual(
        [stream.sps.pictureOrderType, stream.sps.pictureOrderBits],
        [type, type === 0 ? 4 : 0],
      );
    }
  });

  const refused = [
    { name: 'interlaced', record: record(1, `0019${interlaced}`, '00'), why: /interlaced/ },
    { name: 'pic_order_cnt_type 1', record: baseline(1, 1), why: /pic_order_cnt_type 1, want 0 or 2/ },
    { name: 'pic_order_cnt_type 3', record: baseline(3, 1), why: /pic_order_cnt_type 3, want at most 2/ },
    { name: 'no references', record: baseline(2, 0), why: /do not refer to each other/ },
    { name: 'two SPS', record: record(2, `0019${sps}0019${sps}`, '00'), why: /2 SPS, want 1/ },
    {
      name: 'no place for a PPS',
      record: record(1, `0019${sps}`, `ff${'000468ef8fcb'.repeat(255)}`),
      why: /255 PPS/,
    },
    { name: 'a record that is cut off', record: high.subarray(0, 20), why: /ends too early/ },
  ];
  for (const { name, record: bytes, why } of refused) {
    it(`refuses ${name}`, () => {
      const stream = withRepeatPps(bytes);
      assert.match(isMalformed(stream) ? stream.malformed : 'it was taken', why);
    });
  }

  it('any bytes are malformed, or have a header within bounds', () => {
    const { sps: picture } = whole(withRepeatPps(high));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), fc.constantFrom(0x65, 0x41, 0x01), (bytes, first) => {
        const nal = Buffer.from([first, ...bytes]);
        const sample = Buffer.concat([Buffer.of(0, 0, 0, nal.length), nal]);
        assert.ok(isMalformed(readAvcSliceHeader(Buffer.from(bytes), picture, 4)) || bytes.length > 4);
        const header = readAvcSliceHeader(sample, picture, 4);
        if (isMalformed(header)) return;
        assert.ok(header.frameNum < 2 ** picture.frameNumBits);
        assert.deepEqual([header.isIdr, header.isReference], [first === 0x65, first !== 0x01]);
      }),
      { numRuns: 1000 },
    );
    fc.assert(
      fc.property(fc.nat(high.length - 1), fc.nat(255), (at, value) => {
        const bytes = Buffer.from(high);
        bytes[at] = value;
        const stream = withRepeatPps(bytes);
        assert.ok(isMalformed(stream) || !isMalformed(readAvcRecord(stream.decoderConfig)));
      }),
      { numRuns: 1000 },
    );
  });

  it('a sample without a slice', () => {
    const { sps: picture } = whole(withRepeatPps(high));
    const header = readAvcSliceHeader(Buffer.from('000000020910', 'hex'), picture, 4);
    assert.match(isMalformed(header) ? header.malformed : '', /of 6 bytes without a slice/);
  });
});
