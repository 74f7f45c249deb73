import assert from 'node:assert/strict';
import { SoundReader } from '../../../ingest/media/sound-reader.ts';
import { silentFrame } from '../../../media/codec/aac-silence.ts';
import { writeOpusHead } from '../../../media/codec/opus-head.ts';
import { readAudioPacket } from '../../../media/flv/audio-packet.ts';
import { writeAacPacket, writeFourCcSound } from '../../../media/flv/packet-writer.ts';
import { configIn, framesIn, packetsIn, pass, refusedIn } from './support/readers.ts';

const LC_48 = Buffer.from('1190', 'hex');
const FRAME = Buffer.from('21aabbcc', 'hex');

/** Takes tag bodies 20 ms apart. */
function take(reader: SoundReader, bodies: readonly Buffer[]) {
  return pass(bodies, (body, i) => {
    const packet = readAudioPacket(body);
    assert.ok(packet !== null, body.toString('hex'));
    return reader.take(packet, i * 20, i * 20);
  });
}

/** A frame behind an ADTS header: AAC-LC, stereo unless told. */
function adts(data: Buffer, rateIndex = 3, channels = 2, hasCrc = false): Buffer {
  const size = 7 + (hasCrc ? 2 : 0) + data.length;
  const fields = (1 << 30) | (rateIndex << 26) | (channels << 22) | (size << 5) | 0x1f;
  const head = Buffer.of(0xff, hasCrc ? 0xf0 : 0xf1, 0, 0, 0, 0, 0xfc);
  head.writeInt32BE(fields, 2);
  return Buffer.concat([head, ...(hasCrc ? [Buffer.alloc(2)] : []), data]);
}

const plain = (first: number, data = 'aabbccdd'): Buffer =>
  Buffer.concat([Buffer.of(first), Buffer.from(data, 'hex')]);
const enhanced = (type: number, fourCc: string, data = 'fc010203'): Buffer =>
  Buffer.concat([Buffer.of(0x90 | type), Buffer.from(fourCc), Buffer.from(data, 'hex')]);

describe('sound of a publisher: what it is', () => {
  const aac = (config: string): Buffer[] => [
    writeAacPacket('config', Buffer.from(config, 'hex')),
    writeAacPacket('frame', FRAME),
  ];
  const table: { name: string; bodies: Buffer[]; want: [string, number, number] }[] = [
    { name: 'AAC-LC', bodies: aac('1190'), want: ['aac', 48_000, 2] },
    { name: 'AAC-LC at 22.05 kHz', bodies: aac('1390'), want: ['aac', 22_050, 2] },
    { name: 'AAC-LC at 8 kHz, mono', bodies: aac('1588'), want: ['aac', 8000, 1] },
    { name: 'AAC-LC at 96 kHz', bodies: aac('1010'), want: ['aac', 96_000, 2] },
    { name: 'AAC-LC 5.1', bodies: aac('11b0'), want: ['aac', 48_000, 6] },
    { name: 'AAC-LC 7.1', bodies: aac('11b8'), want: ['aac', 48_000, 8] },
    {
      name: 'AAC-LC with frames of 960 samples, which must not be passed through',
      bodies: aac('1194'),
      want: ['aac-960', 48_000, 2],
    },
    { name: 'HE-AAC', bodies: aac('2b118800'), want: ['aac-5', 48_000, 2] },
    { name: 'HE-AAC, signalled compatibly', bodies: aac('131056e598'), want: ['aac-5', 48_000, 2] },
    { name: 'HE-AAC v2', bodies: aac('eb098800'), want: ['aac-29', 48_000, 2] },
    {
      name: 'AAC by FourCC',
      bodies: [enhanced(0, 'mp4a', '1190'), enhanced(1, 'mp4a')],
      want: ['aac', 48_000, 2],
    },
    {
      name: 'Opus',
      bodies: [enhanced(0, 'Opus', writeOpusHead(1).toString('hex')), enhanced(1, 'Opus')],
      want: ['opus', 48_000, 1],
    },
    { name: 'Opus without its header', bodies: [enhanced(1, 'Opus', 'fc01')], want: ['opus', 48_000, 2] },
    {
      name: 'FLAC',
      bodies: [enhanced(0, 'fLaC', '664c6143'), enhanced(1, 'fLaC')],
      want: ['flac', 48_000, 0],
    },
    { name: 'AC-3', bodies: [enhanced(1, 'ac-3')], want: ['ac3', 48_000, 0] },
    { name: 'E-AC-3', bodies: [enhanced(1, 'ec-3')], want: ['eac3', 48_000, 0] },
    { name: 'MP3', bodies: [plain(0x2f, 'fffb9000')], want: ['mp3', 44_100, 2] },
    { name: 'MP3 by FourCC, mono', bodies: [enhanced(1, '.mp3', 'fff350c0')], want: ['mp3', 22_050, 1] },
    { name: 'MP3 at 8 kHz', bodies: [plain(0xe2, 'ffe348c0')], want: ['mp3', 8000, 1] },
    { name: 'G.711 A-law', bodies: [plain(0x72)], want: ['pcm-alaw', 8000, 1] },
    { name: 'G.711 mu-law', bodies: [plain(0x82)], want: ['pcm-mulaw', 8000, 1] },
    { name: 'Speex', bodies: [plain(0xb6)], want: ['speex', 16_000, 1] },
    { name: 'Nellymoser', bodies: [plain(0x6e)], want: ['nellymoser', 44_100, 1] },
    { name: 'Nellymoser at 8 kHz', bodies: [plain(0x52)], want: ['nellymoser', 8000, 1] },
  ];
  for (const { name, bodies, want } of table) {
    it(name, () => {
      const reader = new SoundReader();
      const steps = take(reader, bodies);
      assert.equal(refusedIn(steps), null);
      const [codec, sampleRateHz, channels] = want;
      assert.deepEqual(reader.audio, { codec, sampleRateHz, channels });
      assert.equal(framesIn(steps).length, 1);
    });
  }

  const refused: { name: string; body: Buffer; want: RegExp }[] = [
    {
      name: 'PCM',
      body: plain(0x3f),
      want: /sound is uncompressed \(PCM\): set the encoder's audio codec to AAC/,
    },
    {
      name: 'a reserved format',
      body: plain(0xcf),
      want: /sound is sound format 12: set the encoder's audio codec to AAC/,
    },
    {
      name: 'an unknown FourCC',
      body: enhanced(1, 'abcd'),
      want: /audio codec "abcd": set the encoder's audio codec/,
    },
  ];
  for (const { name, body, want } of refused) {
    it(`${name} is refused with the setting to change`, () => {
      assert.match(refusedIn(take(new SoundReader(), [body])) ?? '', want);
    });
  }
});

describe('sound of a publisher: headers', () => {
  it('the same header again is no change, another one is', () => {
    const config = (hex: string): Buffer => writeAacPacket('config', Buffer.from(hex, 'hex'));
    const frame = writeAacPacket('frame', FRAME);
    const steps = take(new SoundReader(), [
      config('1190'),
      frame,
      config('1190'),
      frame,
      config('1210'),
      frame,
    ]);
    assert.deepEqual(
      configIn(steps).map((one) => one.toString('hex')),
      ['1190', '1210'],
    );
  });

  it('an empty header says nothing, before and in mid class', () => {
    const reader = new SoundReader();
    const empty = Buffer.from('af00', 'hex');
    const frame = writeAacPacket('frame', FRAME);
    const steps = take(reader, [empty, writeAacPacket('config', LC_48), frame, empty, frame]);
    assert.equal(configIn(steps).length, 1);
    assert.equal(framesIn(steps).length, 2);
  });

  it('a header alone is no sound', () => {
    const reader = new SoundReader();
    take(reader, [writeAacPacket('config', LC_48)]);
    assert.equal(reader.audio, null);
  });

  it('one that stays unreadable, or never comes, is refused with words', () => {
    const frames = Array.from({ length: 600 }, () => writeAacPacket('frame', FRAME));
    const broken = take(new SoundReader(), [writeAacPacket('config', Buffer.of(0x16)), ...frames]);
    assert.match(refusedIn(broken) ?? '', /the AAC sequence header cannot be read: AudioSpecificConfig 16/);
    assert.match(
      refusedIn(take(new SoundReader(), frames)) ?? '',
      /AAC sound comes without a sequence header/,
    );
  });

  it('a codec that changes and comes back is described each time', () => {
    const reader = new SoundReader();
    const aac = [writeAacPacket('config', LC_48), writeAacPacket('frame', FRAME)];
    const opus = [
      writeFourCcSound('config', 'opus', writeOpusHead(2)),
      writeFourCcSound('frame', 'opus', FRAME),
    ];
    const steps = take(reader, [...aac, ...opus, ...aac]);
    assert.equal(configIn(steps).length, 3);
    assert.equal(reader.audio?.codec, 'aac');
  });
});

describe('sound of a publisher: frames', () => {
  it('an empty frame of AAC is a frame of silence in its place', () => {
    for (const [config, channels] of [
      ['1190', 2],
      ['1188', 1],
    ] as const) {
      const bodies = [writeAacPacket('config', Buffer.from(config, 'hex')), Buffer.from('af01', 'hex')];
      const steps = take(new SoundReader(), bodies);
      assert.deepEqual(
        framesIn(steps).map(({ data }) => data),
        [silentFrame(channels)],
      );
    }
  });

  const adtsTable: { name: string; bodies: Buffer[]; config: string[]; frames: number }[] = [
    { name: 'without a header', bodies: [adts(FRAME), adts(FRAME)], config: ['1190'], frames: 2 },
    { name: 'with a header', bodies: [LC_48, adts(FRAME)], config: ['1190'], frames: 1 },
    { name: 'with a checksum', bodies: [adts(FRAME, 3, 2, true)], config: ['1190'], frames: 1 },
    {
      name: 'that contradict their header',
      bodies: [LC_48, adts(FRAME, 4, 1)],
      config: ['1190', '1208'],
      frames: 1,
    },
    {
      name: 'two in one packet',
      bodies: [Buffer.concat([adts(FRAME), adts(FRAME)])],
      config: ['1190'],
      frames: 2,
    },
  ];
  for (const { name, bodies, config, frames } of adtsTable) {
    it(`ADTS headers are taken off: ${name}`, () => {
      const tags = bodies.map((body) => writeAacPacket(body === LC_48 ? 'config' : 'frame', body));
      const steps = take(new SoundReader(), tags);
      assert.deepEqual(
        configIn(steps).map((one) => one.toString('hex')),
        config,
      );
      assert.deepEqual(
        framesIn(steps).map(({ data }) => data),
        Array.from({ length: frames }, () => FRAME),
      );
    });
  }

  it('a header that ADTS contradicts counts once, however often it is repeated', () => {
    const round = [writeAacPacket('config', LC_48), writeAacPacket('frame', adts(FRAME, 4, 1))];
    const steps = take(new SoundReader(), [...round, ...round, ...round]);
    assert.deepEqual(
      configIn(steps).map((one) => one.toString('hex')),
      ['1190', '1208'],
    );
    assert.equal(framesIn(steps).length, 3);
  });

  it('frames of one packet follow each other by their length', () => {
    const body = writeAacPacket('frame', Buffer.concat([adts(FRAME), adts(FRAME), adts(FRAME)]));
    const times = framesIn(take(new SoundReader(), [body])).map(({ timestampMs }) => timestampMs);
    assert.deepEqual(times, [0, 21, 43]);
  });

  it('a raw frame that begins like ADTS and is none stays as it is', () => {
    const data = Buffer.from('fff1508000000000', 'hex');
    const steps = take(new SoundReader(), [writeAacPacket('config', LC_48), writeAacPacket('frame', data)]);
    assert.deepEqual(
      framesIn(steps).map((one) => one.data),
      [data],
    );
  });

  it('plain tags keep their first byte; MP3 by FourCC becomes a plain tag', () => {
    const firsts = [plain(0x72), plain(0xe2, 'ffe348c0'), enhanced(1, '.mp3', 'fffb9000')].map(
      (body) => packetsIn(take(new SoundReader(), [body]))[0]?.body[0],
    );
    assert.deepEqual(firsts, [0x72, 0xe2, 0x2f]);
  });
});
