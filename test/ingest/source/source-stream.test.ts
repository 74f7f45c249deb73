import assert from 'node:assert/strict';
import fc from 'fast-check';
import { SourceStream, type SourceReader, type SourceTag } from '../../../ingest/source/source-stream.ts';
import { writeOnMetaData } from '../../../media/flv/script-data.ts';

const LIMITS = { maxCachedBytes: 2000, maxUnsentBytes: 500, cachedSoundMs: 100 };

/** A reader that keeps the first letter of what it gets, by tag. */
class NotingReader implements SourceReader {
  got = '';
  unsent = 0;
  outcome = '';
  write(bytes: Buffer): void {
    // The head is the one write that begins with 'FLV'.
    this.got += bytes[0] === 0x46 ? '' : bytes.toString('latin1', 0, 1);
  }
  unsentBytes(): number {
    return this.unsent;
  }
  end(): void {
    this.outcome += 'end';
  }
  interrupt(): void {
    this.outcome += 'interrupt';
  }
  cut(): void {
    this.outcome += 'cut';
  }
}

/** V, A: configurations; K keyframe, p picture, s sound. */
function tag(letter: string, timestampMs = 0): SourceTag {
  const kind = letter === 'A' || letter === 's' ? 'audio' : 'video';
  const role = letter === 'V' || letter === 'A' ? 'config' : 'frame';
  return { kind, role, isSync: letter !== 'p', timestampMs, bytes: Buffer.from(letter.padEnd(100, '.')) };
}

function sourceWith(letters: string, hasVideo = true): SourceStream {
  const source = new SourceStream(hasVideo, true, writeOnMetaData([]), LIMITS);
  push(source, letters);
  return source;
}

function push(source: SourceStream, letters: string): void {
  for (let i = 0; i < letters.length; i++) source.push(tag(letters.charAt(i), i * 40));
}

function read(source: SourceStream): NotingReader {
  const reader = new NotingReader();
  source.attach(reader);
  return reader;
}

describe('ingest: the source', () => {
  const table = [
    { name: 'the first reader gets all since the first keyframe', pushed: 'VAspKpspKp', want: 'VAKpspKp' },
    { name: 'before the first keyframe a reader gets nothing but the head', pushed: 'VAsps', want: '' },
    { name: 'a configuration that changed stands where it changed', pushed: 'VAKpVKp', want: 'VAKpVKp' },
    { name: 'without a picture everything counts', pushed: 'Asss', hasVideo: false, want: 'Asss' },
    {
      name: 'cached bytes are bounded: then at the next keyframe',
      pushed: `VAK${'p'.repeat(25)}Kp`,
      want: 'VAKp',
    },
    { name: 'a group of pictures without an end keeps nothing', pushed: `VAK${'p'.repeat(25)}`, want: '' },
  ];
  for (const { name, pushed, hasVideo, want } of table) {
    it(name, () => assert.equal(read(sourceWith(pushed, hasVideo)).got, want));
  }

  it('a second reader starts at the current keyframe, with the configurations of that time', () => {
    const source = sourceWith('VAKpKp');
    const first = read(source);
    push(source, 'spKsp');
    assert.equal(read(source).got, 'VAKsp');
    assert.equal(first.got, 'VAKpKpspKsp');
  });

  it('a reader is not cut for what was cached for it, and afterwards is held to the limit like all', () => {
    const source = sourceWith('VAKppppppp');
    const reader = read(source);
    reader.unsent = 800;
    push(source, 'p');
    assert.equal(reader.outcome, '');
    reader.unsent = 400;
    push(source, 'p');
    reader.unsent = 600;
    push(source, 'p');
    assert.equal(reader.outcome, 'cut');
    assert.equal(source.readers, 0);
  });

  it('a reader that came before the first keyframe starts at it', () => {
    const source = sourceWith('VA');
    const early = read(source);
    push(source, 'spspKsp');
    assert.equal(early.got, 'VAKsp');
  });

  it('without a picture, a second reader gets the last moments', () => {
    const source = sourceWith('A', false);
    const first = read(source);
    push(source, 's'.repeat(20));
    const { got } = read(source);
    assert.equal(first.got, `A${'s'.repeat(20)}`);
    assert.match(got, /^As{1,3}$/);
  });

  it('a reader that cannot follow is cut, and the others do not notice', () => {
    const source = sourceWith('VAK');
    const [slow, quick] = [read(source), read(source)];
    slow.unsent = 601;
    push(source, 'ppp');
    assert.deepEqual([slow.outcome, slow.got, quick.got, quick.outcome], ['cut', 'VAKp', 'VAKppp', '']);
    assert.deepEqual([source.droppedReaders, source.readers], [1, 1]);
  });

  it('ends once, for all, in the way it was ended', () => {
    const source = sourceWith('VAK');
    const reader = read(source);
    source.end('over');
    source.end('interrupted');
    push(source, 'p');
    assert.deepEqual([reader.outcome, reader.got], ['end', 'VAK']);
    assert.equal(read(source).outcome, 'end');
  });

  it('a reader that left gets nothing more', () => {
    const source = sourceWith('VAK');
    const reader = new NotingReader();
    source.attach(reader)();
    push(source, 'p');
    source.end('interrupted');
    assert.deepEqual([reader.got, reader.outcome, source.readers], ['VAK', '', 0]);
  });

  it('whenever it comes, a reader gets a keyframe before any other media, and nothing is left out after that', () => {
    const letters = fc.array(fc.constantFrom('K', 'p', 's', 'V'), { maxLength: 60 });
    fc.assert(
      fc.property(letters, fc.nat({ max: 60 }), fc.nat({ max: 60 }), (list, firstAt, secondAt) => {
        const source = new SourceStream(true, true, writeOnMetaData([]), { ...LIMITS, maxCachedBytes: 1e6 });
        const readers: NotingReader[] = [];
        [...list, ''].forEach((letter, i) => {
          if (i === firstAt || i === secondAt) readers.push(read(source));
          if (letter !== '') source.push(tag(letter, i * 40));
        });
        for (const { got } of readers) {
          const media = got.replace(/^V+/, '');
          assert.match(media, /^(K|$)/);
          assert.ok(list.join('').endsWith(media), `${got} of ${list.join('')}`);
        }
      }),
    );
  });
});
