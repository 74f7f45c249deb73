import assert from 'node:assert/strict';
import { Publication } from '../../../ingest/publish/publication.ts';
import type { SourceReader } from '../../../ingest/source/source-stream.ts';
import { readAudioPacket } from '../../../media/flv/audio-packet.ts';
import { FlvReader } from '../../../media/flv/flv-reader.ts';
import type { FlvTag } from '../../../media/flv/flv-tag.ts';
import { readPictureTag } from '../../../media/flv/picture-tag.ts';
import { writeOnMetaData } from '../../../media/flv/script-data.ts';
import { readVideoPacket } from '../../../media/flv/video-packet.ts';
import { AAC_CONFIG, AVC_CONFIG, HEVC_CONFIG, hevcPicture, picture, sound } from '../support/media-bodies.ts';

const NOW_MS = 1_700_000_000_000;

/** A publisher of one minute: bodies of tags by kind, at times of her own. */
class Teacher {
  readonly publication = new Publication('b1', NOW_MS, { notBeforeMs: 0, undecodable: new Set<string>() });
  readonly tags: FlvTag[] = [];
  refused: string | null = null;
  #isRead = false;

  /** Sends one message; its reader is attached as soon as there is a source. */
  send(kind: 'audio' | 'video' | 'data', timestampMs: number, payload: Buffer): void {
    if (this.refused !== null) return;
    const step = this.publication.take({ kind, timestampMs, payload }, NOW_MS + timestampMs);
    if (step.kind === 'refuse') this.refused = step.reason;
    const { source } = this.publication;
    if (source === null || this.#isRead) return;
    this.#isRead = true;
    source.attach(this.#reader());
  }

  /** What came out, as letters: V A configurations, K p pictures, s sound, d picture tags. */
  get letters(): string {
    return this.tags.map(letterOf).join('');
  }

  #reader(): SourceReader {
    const parser = new FlvReader();
    return {
      write: (bytes) => void this.tags.push(...parser.push(bytes)),
      unsentBytes: () => 0,
      end: () => {},
      interrupt: () => {},
      cut: () => {},
    };
  }
}

function letterOf(tag: FlvTag): string {
  if (tag.kind === 'script') return readPictureTag(tag.data) === null ? '' : 'd';
  if (tag.kind === 'audio') return readAudioPacket(tag.data)?.kind === 'config' ? 'A' : 's';
  const read = readVideoPacket(tag.data);
  return read?.kind === 'config' ? 'V' : read?.isSync === true ? 'K' : 'p';
}

/** Pictures each 40 ms with a keyframe a second, and sound each 20 ms, where wanted. */
function play(
  teacher: Teacher,
  fromMs: number,
  toMs: number,
  { hasPicture = true, hasSound = true }: { hasPicture?: boolean; hasSound?: boolean } = {},
): void {
  for (let at = fromMs; at < toMs; at += 20) {
    if (hasPicture && at % 40 === 0) teacher.send('video', at, picture(at % 1000 === 0));
    if (hasSound) teacher.send('audio', at, sound());
  }
}

const metadata = (fields: readonly (readonly [string, number])[]): Buffer => writeOnMetaData(fields);

describe('pictures whose slices come by themselves', () => {
  /** A slice that begins at the second macroblock. */
  const slice = Buffer.from('2701000000' + '00000004' + '41400055', 'hex');

  it('are counted once, and the last one is on air 50 ms after its last slice, with nothing behind it', () => {
    const teacher = new Teacher();
    teacher.send('video', 0, AVC_CONFIG);
    for (let at = 0; at < 2000; at += 40) {
      teacher.send('video', at, picture(at % 1000 === 0));
      teacher.send('video', at, slice);
      teacher.send('video', at, slice);
    }
    // The first keyframe comes a second time, and the last picture waits.
    assert.match(teacher.letters, /^dVKKp{24}Kp{23}$/);
    assert.equal(teacher.publication.media.video?.frameRate, 25);
    teacher.publication.checkTime(NOW_MS + 1960 + 49);
    assert.match(teacher.letters, /Kp{23}$/);
    teacher.publication.checkTime(NOW_MS + 1960 + 50);
    assert.match(teacher.letters, /Kp{24}$/);
  });

  it('say when they are looked at again', () => {
    const teacher = new Teacher();
    teacher.send('video', 0, AVC_CONFIG);
    play(teacher, 0, 2000, { hasSound: false });
    teacher.send('video', 2000, picture(true));
    const step = teacher.publication.take(
      { kind: 'video', timestampMs: 2000, payload: slice },
      NOW_MS + 2003,
    );
    assert.deepEqual(step, { kind: 'running', untilMs: NOW_MS + 2053 });
  });
});

describe('media that is not there at the start', () => {
  it('sound that begins two seconds later is in the source from its first frame on', () => {
    const teacher = new Teacher();
    teacher.send('video', 0, AVC_CONFIG);
    play(teacher, 0, 2000, { hasSound: false });
    assert.equal(teacher.publication.started?.audio, null);
    teacher.send('audio', 2000, AAC_CONFIG);
    play(teacher, 2000, 3000);
    assert.match(teacher.letters, /^dVKp+Kp+AKs/);
    assert.equal(teacher.publication.media.audio?.codec, 'aac');
  });

  it('pictures that begin two seconds, or half a minute, later are described, then begin with a keyframe', () => {
    for (const lateMs of [2000, 30_000]) {
      const teacher = new Teacher();
      teacher.send('audio', 0, AAC_CONFIG);
      play(teacher, 0, lateMs, { hasPicture: false });
      assert.equal(teacher.publication.started?.video, null);
      teacher.send('video', lateMs, AVC_CONFIG);
      play(teacher, lateMs, lateMs + 3000);
      assert.match(teacher.letters, /^As+dVKp/);
      const tag = teacher.tags.find(({ kind, data }) => kind === 'script' && readPictureTag(data) !== null);
      assert.deepEqual(readPictureTag(tag?.data ?? Buffer.alloc(0)), {
        width: 320,
        height: 180,
        frameRate: 25,
      });
      assert.deepEqual([teacher.publication.media.video?.width, teacher.refused], [320, null]);
      const pictures = teacher.tags.filter(({ kind }) => kind === 'video');
      assert.equal(pictures[1]?.timestampMs, lateMs, 'none of them is lost');
    }
  });

  it('a keyframe that comes three seconds behind the sound is in the class from its start on', () => {
    const teacher = new Teacher();
    teacher.send('video', 0, AVC_CONFIG);
    teacher.send('audio', 0, AAC_CONFIG);
    for (let at = 0; at < 6000; at += 20) {
      if (at % 40 === 0) teacher.send('video', at, picture(at >= 3000 && at % 1000 === 0));
      teacher.send('audio', at, sound());
    }
    assert.equal(teacher.publication.started?.video?.width, 320);
    assert.match(teacher.letters, /^dVAKs/);
  });

  it('pictures of a further track alone are waited for as well', () => {
    const teacher = new Teacher();
    teacher.send('audio', 0, AAC_CONFIG);
    const second = Buffer.concat([
      Buffer.from('9601', 'hex'),
      Buffer.from('avc1'),
      Buffer.of(1),
      Buffer.alloc(8),
    ]);
    for (let at = 0; at < 900; at += 20) {
      teacher.send('video', at, second);
      teacher.send('audio', at, sound());
    }
    assert.equal(teacher.publication.started, null);
  });

  for (const { name, next } of [
    { name: 'sound', next: (teacher: Teacher, at: number) => teacher.send('audio', at, sound()) },
    { name: 'time', next: (teacher: Teacher, at: number) => teacher.publication.checkTime(NOW_MS + at) },
  ]) {
    it(`a late slide that is the only picture for long is on air after a second, by ${name} alone`, () => {
      const teacher = new Teacher();
      teacher.send('audio', 0, AAC_CONFIG);
      play(teacher, 0, 10_000, { hasPicture: false });
      teacher.send('video', 10_000, AVC_CONFIG);
      const step = teacher.publication.take(
        { kind: 'video', timestampMs: 10_000, payload: picture(true) },
        NOW_MS + 10_000,
      );
      assert.deepEqual(step, { kind: 'running', untilMs: NOW_MS + 11_000 });
      next(teacher, 10_980);
      assert.doesNotMatch(teacher.letters, /[VK]/);
      next(teacher, 11_000);
      assert.match(teacher.letters, /dVKs?$/);
      assert.equal(teacher.publication.media.video?.width, 320);
    });
  }

  const announced: { name: string; fields: (readonly [string, number])[] }[] = [
    {
      name: 'the picture alone',
      fields: [
        ['videocodecid', 7],
        ['width', 320],
      ],
    },
    { name: 'the sound alone', fields: [['audiocodecid', 10]] },
    {
      name: 'both',
      fields: [
        ['videocodecid', 7],
        ['audiocodecid', 10],
      ],
    },
    { name: 'neither', fields: [['duration', 0]] },
    {
      name: 'another size and other codecs',
      fields: [
        ['width', 1],
        ['videocodecid', 2],
        ['audiocodecid', 2],
      ],
    },
  ];
  for (const { name, fields } of announced) {
    it(`metadata names ${name}: what comes is on air all the same`, () => {
      const teacher = new Teacher();
      teacher.send('data', 0, metadata(fields));
      teacher.send('video', 0, AVC_CONFIG);
      play(teacher, 0, 1000, { hasSound: false });
      teacher.send('data', 1000, metadata([['audiocodecid', 10]]));
      teacher.send('audio', 1000, AAC_CONFIG);
      play(teacher, 1000, 2000);
      assert.match(teacher.letters, /^dVKp+AKs/);
      assert.deepEqual([teacher.publication.media.video?.width, teacher.refused], [320, null]);
    });
  }

  it('headers alone announce nothing: a kind of which no frame comes is none', () => {
    const teacher = new Teacher();
    teacher.send('video', 0, AVC_CONFIG);
    teacher.send('audio', 0, AAC_CONFIG);
    play(teacher, 0, 4020, { hasPicture: false });
    assert.deepEqual(teacher.publication.media, {
      video: null,
      audio: { codec: 'aac', sampleRateHz: 48_000, channels: 2 },
    });
  });

  it('sound alone, or pictures alone, for the whole class', () => {
    for (const kinds of [{ hasPicture: false }, { hasSound: false }]) {
      const teacher = new Teacher();
      teacher.send('video', 0, AVC_CONFIG);
      teacher.send('audio', 0, AAC_CONFIG);
      play(teacher, 0, 40_000, kinds);
      assert.equal(teacher.refused, null);
      assert.match(teacher.letters, kinds.hasSound === false ? /^dVAK[Kp]+$/ : /^As+$/);
    }
  });
});

describe('media that changes in mid class', () => {
  it('the same headers again change nothing', () => {
    const teacher = new Teacher();
    for (let second = 0; second < 5; second++) {
      teacher.send('video', second * 1000, AVC_CONFIG);
      teacher.send('audio', second * 1000, AAC_CONFIG);
      play(teacher, second * 1000, second * 1000 + 1000);
    }
    assert.equal(teacher.letters.replace(/[^VAd]/g, ''), 'dVA');
  });

  it('H.264 that becomes HEVC begins again with its configuration and a keyframe', () => {
    const teacher = new Teacher();
    teacher.send('video', 0, AVC_CONFIG);
    play(teacher, 0, 2000, { hasSound: false });
    teacher.send('video', 2000, HEVC_CONFIG);
    for (let at = 2000; at < 3000; at += 40) teacher.send('video', at, hevcPicture(at === 2000));
    assert.match(teacher.letters, /^dVKp+Kp+dVKp+$/);
    assert.equal(teacher.publication.media.video?.codec, 'hevc');
    assert.deepEqual(
      teacher.tags
        .flatMap(({ kind, data }) => (kind === 'video' ? (readVideoPacket(data)?.codec ?? '?') : []))
        .at(-1),
      'hevc',
    );
  });

  it('sound that goes and comes back with another rate, then with another codec', () => {
    const teacher = new Teacher();
    teacher.send('audio', 0, AAC_CONFIG);
    teacher.send('video', 0, AVC_CONFIG);
    play(teacher, 0, 2000);
    play(teacher, 2000, 4000, { hasSound: false });
    teacher.send('audio', 4000, Buffer.from('af001210', 'hex'));
    play(teacher, 4000, 6000);
    assert.equal(teacher.publication.media.audio?.sampleRateHz, 44_100);
    for (let at = 6000; at < 7000; at += 20) teacher.send('audio', at, Buffer.from('72aabbcc', 'hex'));
    assert.equal(teacher.publication.media.audio?.codec, 'pcm-alaw');
    assert.equal(teacher.letters.replace(/[^A]/g, ''), 'AA');
  });

  it('end of sequence, command frames and empty bodies are nothing', () => {
    const teacher = new Teacher();
    teacher.send('video', 0, AVC_CONFIG);
    teacher.send('audio', 0, AAC_CONFIG);
    play(teacher, 0, 1000);
    const before = teacher.letters;
    for (const hex of ['1702000000', '5700', '5701000000aa', '2701', '', '27010000001', '9268766331'])
      teacher.send('video', 1000, Buffer.from(hex, 'hex'));
    for (const hex of ['af', 'af02', '', 'af00', '926d703461'])
      teacher.send('audio', 1000, Buffer.from(hex, 'hex'));
    assert.equal(teacher.letters, before);
    assert.equal(teacher.refused, null);
  });

  it('further tracks are left aside and named', () => {
    const teacher = new Teacher();
    teacher.send('video', 0, AVC_CONFIG);
    teacher.send('audio', 0, AAC_CONFIG);
    const second = Buffer.concat([
      Buffer.from('9501', 'hex'),
      Buffer.from('Opus'),
      Buffer.of(1),
      Buffer.alloc(8),
    ]);
    for (let at = 0; at < 1000; at += 20) {
      teacher.send('audio', at, sound());
      teacher.send('audio', at, second);
      if (at % 40 === 0) teacher.send('video', at, picture(at === 0));
    }
    assert.deepEqual([teacher.publication.aside, teacher.refused], [['sound track 1'], null]);
    assert.equal(teacher.publication.media.audio?.codec, 'aac');
  });
});
