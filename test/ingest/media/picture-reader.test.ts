import assert from 'node:assert/strict';
import { PictureReader } from '../../../ingest/media/picture-reader.ts';
import { readAvcConfig, readAvcRecord, writeAvcRecord } from '../../../media/codec/avc-config.ts';
import { BitWriter } from '../../../media/codec/bit-writer.ts';
import { isMalformed } from '../../../media/codec/malformed.ts';
import { escapeNal, joinNalUnits } from '../../../media/codec/nal-units.ts';
import { writeVideoPacket } from '../../../media/flv/packet-writer.ts';
import { readVideoPacket } from '../../../media/flv/video-packet.ts';
import { AVC_CONFIG } from '../support/media-bodies.ts';
import { configIn, framesIn, pass, refusedIn } from './support/readers.ts';

const RECORD = AVC_CONFIG.subarray(5);
const read = readAvcRecord(RECORD);
assert.ok(!isMalformed(read));
const [SPS = Buffer.alloc(0)] = read.sps;
const [PPS = Buffer.alloc(0)] = read.pps;
const IDR = Buffer.from('65888455', 'hex');
const INTER = Buffer.from('419a2455', 'hex');
const INTRA = Buffer.from('41888455', 'hex');
const AUD = Buffer.from('0910', 'hex');
/** SEI of a recovery point: recovery_frame_cnt 0, and 7. */
const RECOVERY_NOW = Buffer.from('060601c480', 'hex');
const RECOVERY_LATER = Buffer.from('0606021124' + '80', 'hex');
const START_CODE = Buffer.of(0, 0, 0, 1);

/** An SPS of Baseline for a picture of so many macroblocks. */
function spsOf(id: number, widthMbs: number, heightMbs: number): Buffer {
  const bits = new BitWriter().u(8, 0x67).u(8, 66).u(8, 0).u(8, 30).ue(id).ue(0).ue(2).ue(1).flag(false);
  bits.ue(widthMbs - 1).ue(heightMbs - 1);
  return escapeNal(bits.flag(true).flag(true).flag(false).flag(false).trailingBits().bytes());
}

/** A PPS that refers to an SPS. */
function ppsOf(id: number, spsId: number): Buffer {
  const bits = new BitWriter().u(8, 0x68).ue(id).ue(spsId).flag(false).flag(false).ue(0).ue(0).ue(0);
  bits.flag(false).u(2, 0).se(0).se(0).se(0).flag(true).flag(false).flag(false);
  return escapeNal(bits.trailingBits().bytes());
}

/** An IDR slice that refers to a PPS. */
function idrOf(ppsId: number): Buffer {
  return Buffer.concat([
    new BitWriter().u(8, 0x65).ue(0).ue(7).ue(ppsId).trailingBits().bytes(),
    Buffer.of(0x55),
  ]);
}

const sample = (...units: readonly Buffer[]): Buffer => joinNalUnits(units, 4) ?? Buffer.alloc(0);
const header = (record: Buffer = RECORD) => ({ kind: 'config' as const, data: record });
const frame = (data: Buffer, isSync = false) => ({ kind: 'frame' as const, data, isSync });

/** Takes packets 40 ms apart. */
function take(
  reader: PictureReader,
  packets: readonly { kind: 'config' | 'frame'; data: Buffer; isSync?: boolean }[],
  fromMs = 0,
) {
  return pass(packets, (packet, i) => {
    const { kind, data, isSync = false } = packet;
    const body = writeVideoPacket({ kind, codec: 'h264', isSync, compositionOffsetMs: 0, data });
    const source = readVideoPacket(body);
    assert.ok(source !== null);
    return reader.take(source, fromMs + i * 40, fromMs + i * 40);
  });
}

describe('pictures of a publisher: keyframes by their bits', () => {
  const table: { name: string; units: Buffer[]; isFlagged: boolean; want: boolean }[] = [
    { name: 'an IDR picture, flagged', units: [IDR], isFlagged: true, want: true },
    { name: 'an IDR picture, not flagged', units: [IDR], isFlagged: false, want: true },
    { name: 'a P picture, flagged', units: [INTER], isFlagged: true, want: false },
    { name: 'an I picture that is none, flagged', units: [INTRA], isFlagged: true, want: false },
    {
      name: 'delimiter, parameter sets and an IDR picture',
      units: [AUD, SPS, PPS, IDR],
      isFlagged: false,
      want: true,
    },
    { name: 'parameter sets and a P picture', units: [SPS, PPS, INTER], isFlagged: true, want: false },
    {
      name: 'an exact recovery point (open GOP)',
      units: [RECOVERY_NOW, INTRA],
      isFlagged: false,
      want: true,
    },
    {
      name: 'a gradual recovery point soon after an IDR picture',
      units: [RECOVERY_LATER, INTER],
      isFlagged: true,
      want: false,
    },
  ];
  for (const { name, units, isFlagged, want } of table) {
    it(`${name}: ${want ? 'one' : 'none'}`, () => {
      const reader = new PictureReader();
      const steps = take(reader, [header(), frame(sample(IDR), true), frame(sample(...units), isFlagged)]);
      assert.equal(framesIn(steps).at(-1)?.isSync, want);
    });
  }

  it('gradual refresh alone is a place to begin, at once and every 4 s', () => {
    const reader = new PictureReader();
    const gradual = frame(sample(RECOVERY_LATER, INTER));
    const steps = take(reader, [
      header(),
      gradual,
      ...Array.from({ length: 250 }, (_, i) => (i % 25 === 24 ? gradual : frame(sample(INTER)))),
    ]);
    const starts = framesIn(steps).filter(({ isSync }) => isSync);
    assert.deepEqual(
      starts.map(({ timestampMs }) => timestampMs),
      [40, 4040, 8040],
    );
  });

  it('flagged I pictures count where nothing else comes, and then a flag alone', () => {
    const intra = take(new PictureReader(), [
      header(),
      ...Array.from({ length: 75 }, () => frame(sample(INTRA), true)),
    ]);
    assert.equal(framesIn(intra).find(({ isSync }) => isSync)?.timestampMs, 2040);
    const flags = take(new PictureReader(), [
      header(),
      ...Array.from({ length: 175 }, () => frame(sample(INTER), true)),
    ]);
    assert.equal(framesIn(flags).find(({ isSync }) => isSync)?.timestampMs, 6040);
  });

  it('a stream without any sign of one is refused with the setting to change', () => {
    const steps = take(new PictureReader(), [
      header(),
      ...Array.from({ length: 400 }, () => frame(sample(INTER))),
    ]);
    assert.match(
      refusedIn(steps) ?? '',
      /no keyframe within 15 s: set the encoder's keyframe interval to 2 s/,
    );
  });
});

describe('pictures of a publisher: configurations', () => {
  it('a header is passed on with the first keyframe, once, however often it comes', () => {
    const reader = new PictureReader();
    const group = [header(), frame(sample(IDR), true), frame(sample(INTER))];
    const steps = take(reader, [...group, ...group, ...group]);
    assert.equal(configIn(steps).length, 1);
    assert.equal(framesIn(steps).length, 6);
    assert.deepEqual(reader.video, { codec: 'h264', width: 320, height: 180, frameRate: 25 });
  });

  const empties: { name: string; data: Buffer }[] = [
    { name: 'no bytes', data: Buffer.alloc(0) },
    { name: 'zeros', data: Buffer.alloc(12) },
    { name: 'no parameter sets', data: Buffer.from('0164000cffe000', 'hex') },
  ];
  for (const { name, data } of empties) {
    it(`a header of ${name} says nothing: the true one comes later`, () => {
      const reader = new PictureReader();
      const steps = take(reader, [header(data), header(), frame(sample(IDR), true)]);
      assert.deepEqual([configIn(steps).length, framesIn(steps).length], [1, 1]);
      const before = take(reader, [header(data), frame(sample(IDR), true)], 200);
      assert.deepEqual([configIn(before).length, framesIn(before).length], [0, 1]);
    });
  }

  it('a header that stays unreadable is refused after two seconds, with what is wrong', () => {
    const steps = take(new PictureReader(), [
      header(Buffer.alloc(12)),
      ...Array.from({ length: 60 }, () => frame(sample(IDR))),
    ]);
    assert.match(
      refusedIn(steps) ?? '',
      /the H\.264 sequence header cannot be read: AVC configuration of 12 bytes/,
    );
  });

  it('a header without parameter sets has ten seconds: they come in band', () => {
    const reader = new PictureReader();
    const before = Array.from({ length: 100 }, () => frame(sample(INTER)));
    const steps = take(reader, [
      header(Buffer.from('0164000cffe000', 'hex')),
      ...before,
      frame(sample(SPS, PPS, IDR)),
      frame(sample(INTER)),
    ]);
    assert.equal(refusedIn(steps), null);
    assert.deepEqual([configIn(steps).length, framesIn(steps).length], [1, 2]);
  });

  it('a header of parameter sets behind start codes is one, with a record made of it', () => {
    const reader = new PictureReader();
    const codes = Buffer.concat([SPS, PPS].flatMap((unit) => [START_CODE, unit]));
    const steps = take(reader, [
      header(codes),
      frame(Buffer.concat([START_CODE, IDR])),
      frame(sample(INTER)),
    ]);
    const record = readAvcConfig(configIn(steps)[0] ?? Buffer.alloc(0));
    assert.ok(!isMalformed(record));
    assert.deepEqual([record.sps, record.pps, record.lengthSize], [[SPS], [PPS], 4]);
    assert.deepEqual(
      framesIn(steps).map(({ data }) => data),
      [sample(IDR), sample(INTER)],
    );
    const none = take(new PictureReader(), [
      header(Buffer.concat([START_CODE, PPS])),
      ...Array.from({ length: 60 }, () => frame(sample(IDR))),
    ]);
    assert.match(refusedIn(none) ?? '', /start codes without a sequence parameter set/);
  });

  it('pictures without a header are refused after ten seconds', () => {
    const steps = take(
      new PictureReader(),
      Array.from({ length: 300 }, () => frame(sample(IDR))),
    );
    assert.match(refusedIn(steps) ?? '', /H\.264 pictures come without a sequence header \(parameter sets\)/);
  });

  it('a header behind its first pictures makes them good', () => {
    const steps = take(new PictureReader(), [
      frame(sample(IDR)),
      frame(sample(INTER)),
      header(),
      frame(sample(INTER)),
    ]);
    assert.deepEqual(
      steps
        .flatMap((step) => ('packets' in step ? step.packets : []))
        .map(({ role, timestampMs }) => [role, timestampMs]),
      [
        ['config', 0],
        ['frame', 0],
        ['frame', 40],
        ['frame', 120],
      ],
    );
  });

  it('parameter sets in band are enough', () => {
    const reader = new PictureReader();
    const steps = take(reader, [frame(sample(SPS, PPS, IDR)), frame(sample(INTER))]);
    const [config] = configIn(steps);
    assert.ok(config !== undefined);
    const record = readAvcConfig(config);
    assert.ok(!isMalformed(record));
    assert.deepEqual([record.sps, record.pps, record.lengthSize], [[SPS], [PPS], 4]);
    assert.equal(reader.video?.width, 320);
  });

  it('parameter sets apart from their picture belong to it', () => {
    const steps = take(new PictureReader(), [
      frame(sample(SPS, PPS)),
      frame(sample(IDR)),
      frame(sample(INTER)),
    ]);
    assert.equal(configIn(steps).length, 1);
    assert.deepEqual(
      framesIn(steps).map(({ data }) => data),
      [sample(SPS, PPS, IDR), sample(INTER)],
    );
  });

  it('a recovery point apart from its picture belongs to it', () => {
    const steps = take(new PictureReader(), [header(), frame(sample(RECOVERY_NOW)), frame(sample(INTER))]);
    assert.deepEqual(
      framesIn(steps).map(({ isSync, data }) => [isSync, data]),
      [[true, sample(RECOVERY_NOW, INTER)]],
    );
  });

  it('of several sets the one in use is described, and stands first', () => {
    const reader = new PictureReader();
    const small = spsOf(1, 10, 6);
    const record = writeAvcRecord([small, spsOf(2, 40, 30)], [ppsOf(0, 1), ppsOf(1, 2)]);
    const steps = take(reader, [header(record), frame(sample(idrOf(1)))]);
    assert.deepEqual([reader.video?.width, reader.video?.height], [640, 480]);
    const config = readAvcConfig(configIn(steps)[0] ?? Buffer.alloc(0));
    assert.ok(!isMalformed(config));
    assert.deepEqual([config.pictures[0].widthPx, config.sps.length, config.pps.length], [640, 2, 2]);
  });

  it('a change in band is a new configuration, one of the PPS alone is none', () => {
    const reader = new PictureReader();
    take(reader, [header(), frame(sample(IDR))]);
    const same = take(reader, [frame(sample(ppsOf(0, 0), IDR))], 100);
    assert.equal(configIn(same).length, 0);
    const other = take(
      reader,
      [frame(sample(spsOf(0, 40, 30), ppsOf(0, 0), IDR)), frame(sample(INTER))],
      200,
    );
    assert.equal(configIn(other).length, 1);
    assert.equal(reader.video?.width, 640);
  });
});

describe('pictures of a publisher: on the way', () => {
  it('from a header, or a frame, to the first that can be decoded', () => {
    const both = new PictureReader();
    assert.equal(both.isComing, false);
    take(both, [header()]);
    assert.equal(both.isComing, true);
    take(both, [frame(sample(IDR))], 40);
    assert.equal(both.isComing, false);
    const [frames, broken] = [new PictureReader(), new PictureReader()];
    take(frames, [frame(sample(INTER))]);
    take(broken, [header(Buffer.alloc(12))]);
    assert.deepEqual([frames.isComing, broken.isComing], [true, true]);
  });
});

describe('pictures of a publisher: when they are shown', () => {
  for (const [offsetMs, want] of [
    [-80, -80],
    [5000, 5000],
    [5001, 0],
    [-5001, 0],
    [0x7fffff, 0],
    [-0x800000, 0],
  ] as const) {
    it(`${offsetMs} ms behind their decoding: ${want}`, () => {
      const reader = new PictureReader();
      take(reader, [header()]);
      const data = sample(IDR);
      const body = writeVideoPacket({
        ...{ kind: 'frame', codec: 'h264', isSync: true, compositionOffsetMs: offsetMs, data },
      });
      const source = readVideoPacket(body);
      assert.equal(source?.compositionOffsetMs, offsetMs);
      const [shown] = framesIn([reader.take(source, 40, 40)]);
      assert.ok(shown !== undefined);
      assert.equal(shown.compositionOffsetMs, want);
      assert.equal(readVideoPacket(shown.body)?.compositionOffsetMs, want);
    });
  }
});

describe('pictures of a publisher: samples in one form', () => {
  const lengths = (size: 1 | 2): Buffer =>
    Buffer.concat([RECORD.subarray(0, 4), Buffer.of(0xfc | (size - 1)), RECORD.subarray(5)]);
  const table: { name: string; record?: Buffer; data: Buffer; want: Buffer }[] = [
    { name: 'lengths of four bytes', data: sample(AUD, IDR), want: sample(AUD, IDR) },
    {
      name: 'lengths of two bytes',
      record: lengths(2),
      data: joinNalUnits([AUD, IDR], 2) ?? IDR,
      want: sample(AUD, IDR),
    },
    {
      name: 'lengths of one byte',
      record: lengths(1),
      data: joinNalUnits([AUD, IDR], 1) ?? IDR,
      want: sample(AUD, IDR),
    },
    {
      name: 'start codes',
      data: Buffer.concat([START_CODE, AUD, START_CODE.subarray(1), IDR]),
      want: sample(AUD, IDR),
    },
    {
      name: 'start codes behind a length',
      data: sample(Buffer.concat([START_CODE, AUD, START_CODE, IDR])),
      want: sample(AUD, IDR),
    },
    {
      name: 'a length that is too large',
      data: Buffer.concat([Buffer.of(0, 16, 0, 0), IDR]),
      want: sample(IDR),
    },
    { name: 'an empty NAL unit', data: sample(Buffer.alloc(0), IDR), want: sample(IDR) },
  ];
  for (const { name, record, data, want } of table) {
    it(name, () => {
      const steps = take(new PictureReader(), [header(record), frame(data)]);
      assert.deepEqual(
        framesIn(steps).map((one) => one.data),
        [want],
      );
      const config = readAvcRecord(configIn(steps)[0] ?? Buffer.alloc(0));
      assert.ok(!isMalformed(config));
      assert.equal(config.lengthSize, 4);
    });
  }
});
