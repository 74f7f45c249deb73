import assert from 'node:assert/strict';
import { makeTempDir, type TempDir } from '../../../support/temp-dir.ts';
import { lesson } from '../../support/library-on-stage.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { type RecordingOrigin, recordingOrigin } from '../../support/past-on-stage.ts';
import { START_MS } from '../../support/synthetic.ts';
import { type ViewerOnStage, viewersOf } from '../../support/viewers-on-stage.ts';

const D = 1600;
const at = (segments: number): number => START_MS + segments * D;
/** A class of 20 segments, of which the first five and the last five were cut off; another one is on air since the 24th. */
const [FROM_MS, TO_MS] = [at(5), at(15)];
const markAt = (segments: number) => ({
  ...{
    id: `mark-${segments}`,
    kind: 'presence' as const,
    label: '',
    atMs: at(segments) + 300,
    endMs: at(segments) + 900,
  },
});
const MARKS = [2, 7, 17].map(markAt);

/** Media that a text lists, as paths from the top; what HLS marks as a gap is not requested. */
function listedMedia(text: string, path: string): string[] {
  const absolute = (uri: string): string => new URL(uri, `http://stage${path}`).pathname;
  if (!path.split('?', 1)[0]?.endsWith('.mpd')) {
    const segments = text.split('#EXTINF:').slice(1);
    const before = (piece: string | undefined): boolean =>
      piece?.split('\n').slice(-6).includes('#EXT-X-GAP') === true;
    const pieces = text.split('#EXTINF:');
    const whole = segments.flatMap((segment, i) => {
      const uri = segment.split('\n')[1] ?? '';
      return before(pieces[i]) || segment.includes('\n#EXT-X-GAP\n' + uri) ? [] : [absolute(uri)];
    });
    const parts = text
      .split('\n')
      .filter((line) => line.startsWith('#EXT-X-PART:') && !line.includes('GAP=YES'))
      .map((line) => absolute(/URI="([^"]+)"/.exec(line)?.[1] ?? ''));
    return [...whole, ...parts];
  }
  return text
    .split('<Period ')
    .slice(1)
    .flatMap((period) => {
      const seconds = (name: string): number | null => {
        const found = new RegExp(`\\b${name}="PT([\\d.]+)S"`).exec(period)?.[1];
        return found === undefined ? null : Number(found);
      };
      const startMs = (seconds('start') ?? 0) * 1000;
      const durationMs = (seconds('duration') ?? 0) * 1000;
      return period
        .split('<AdaptationSet ')
        .slice(1)
        .flatMap((set) => {
          const media = /media="([^"]+)"/.exec(set)?.[1] ?? '';
          const first = Number(/startNumber="(\d+)"/.exec(set)?.[1] ?? Number.NaN);
          const ids = [...set.matchAll(/<Representation [^>]*\bid="([^"]+)"/g)].map(([, id = '']) => id);
          assert.ok(media !== '' && ids.length > 0 && first > 0 && startMs >= 0, set);
          return ids.flatMap((id) =>
            Array.from({ length: Math.round(durationMs / D) }, (_, i) =>
              absolute(media.replace('$RepresentationID$', id).replace('$Number$', String(first + i))),
            ),
          );
        });
    });
}

describe('what playlists and manifests list of a trimmed class', function () {
  this.timeout(60_000);
  for (const { access, windowSegments } of [
    { access: 'open', windowSegments: 8 },
    { access: 'token', windowSegments: 8 },
    { access: 'open', windowSegments: 60 },
  ] as const) {
    describe(`with access ${access} and a window of ${windowSegments} segments`, () => {
      let directory: TempDir;
      let on: RecordingOrigin;
      let viewers: readonly ViewerOnStage[];
      before(async () => {
        directory = makeTempDir();
        const yaml = `access: ${access}\nwindowSegments: ${windowSegments}`;
        on = await recordingOrigin(new MemoryStore(), directory.path, yaml);
        on.origin.goOnAir('a');
        on.origin.run(20 * D + 400);
        on.origin.goOffAir('over', 4 * D - 400);
        on.origin.goOnAir('b');
        on.origin.run(12 * D + 400);
        await on.archive.settled();
        on.broadcasts.push(
          lesson('a', START_MS, {
            ...{ endMs: at(20), trimStartMs: FROM_MS, trimEndMs: TO_MS, marks: MARKS },
          }),
          lesson('b', at(24), { endMs: null }),
        );
        on.cuts.changed('hall-7');
        on.origin.channel.setMarks(MARKS);
        viewers = await viewersOf(on.origin);
      });
      after(async () => {
        await on.stop();
        directory.remove();
      });

      const numberOf = (path: string): number =>
        Number(/\/(\d+)(?:\.\d+)?\.m4s$/.exec(path)?.[1]) - at(0) / D;
      const isCut = (path: string): boolean => {
        const number = numberOf(path);
        return (number >= 0 && number < 5) || (number >= 15 && number < 20);
      };
      const inWindow = windowSegments === 60;

      const table: readonly {
        name: string;
        query: string;
        folder?: string;
        /** The first segment that is listed to an editor and to everybody else, counted from the start of the class; null: not said. */
        first: { editor: number; other: number } | null;
        /** Marks of the class: to an editor, and to everybody else. */
        marks: { editor: string[]; other: string[] };
      }[] = [
        {
          ...{ name: 'live', query: '', first: null },
          marks: { editor: inWindow ? ['7'] : [], other: inWindow ? ['7'] : [] },
        },
        {
          ...{ name: 'a start-over of the class', query: `?start=${at(0)}`, first: { editor: 0, other: 5 } },
          marks: { editor: ['2', '7', '17'], other: ['7'] },
        },
        {
          ...{ name: 'a start-over out of what was cut', query: `?start=${at(2)}` },
          ...{ first: { editor: 2, other: 5 }, marks: { editor: ['2', '7', '17'], other: ['7'] } },
        },
        {
          ...{ name: 'a start-over of what is left', query: `?start=${FROM_MS}` },
          ...{ first: { editor: 5, other: 5 }, marks: { editor: ['7', '17'], other: ['7'] } },
        },
        {
          ...{ name: 'a start-over behind it', query: `?start=${at(16)}` },
          ...{ first: { editor: 16, other: 20 }, marks: { editor: ['17'], other: [] } },
        },
        {
          ...{ name: 'its replay', query: '', folder: `/replay/hall-7/${FROM_MS}-${TO_MS}` },
          ...{ first: { editor: 5, other: 5 }, marks: { editor: ['7'], other: ['7'] } },
        },
      ];
      for (const { name, query, folder = '/live/hall-7', first, marks } of table) {
        it(name, async () => {
          for (const { who, prefix, headers, isEditor } of viewers) {
            for (const file of ['720p.m3u8', '360p.m3u8', 'audio.m3u8', 'manifest.mpd']) {
              const path = `${folder}/${file}${query}`;
              const place = `${who}: ${path}`;
              const answer = await on.origin.ask(prefix + path, { headers });
              assert.equal(answer.status, 200, place);
              const text = answer.body.toString();
              const media = listedMedia(text, path);
              const seesCut = isEditor && query !== '' && first !== null;
              assert.equal(media.some(isCut), seesCut, place);
              // A sixth of what is listed: the rest is answered by the same rule.
              const asked = media.filter((uri, i) =>
                file === 'manifest.mpd' ? isCut(uri) && i % 6 === 0 : i % 6 === 0,
              );
              for (const one of asked) {
                const { status } = await on.origin.ask(prefix + one, { headers });
                assert.equal(status, 200, `${place}: ${one}`);
              }
              const listed = [...text.matchAll(/\bcall-mark-(\d+)/g)].map(([, id]) => id);
              assert.deepEqual(listed, isEditor ? marks.editor : marks.other, place);
              if (file !== 'manifest.mpd' && first !== null)
                assert.equal(numberOf(media[0] ?? ''), isEditor ? first.editor : first.other, place);
              if (seesCut)
                assert.match(String(answer.headers['cache-control']), /^(private|no-store)/, place);
            }
          }
        });
      }

      it('the start of a start-over is the same in all of its playlists', async () => {
        for (const { who, prefix, headers, isEditor } of viewers) {
          const answer = await on.origin.ask(`${prefix}/live/hall-7/index.m3u8?start=${at(2)}`, { headers });
          const starts = [...answer.body.toString().matchAll(/\?start=(\d+)/g)].map(([, ms]) => Number(ms));
          assert.deepEqual([...new Set(starts)], [isEditor ? at(2) : FROM_MS], who);
        }
      });

      it('a trim that is taken back is listed again at once', async () => {
        const [trimmed] = on.broadcasts;
        assert.ok(trimmed !== undefined);
        const first = async (): Promise<number> => {
          const student = viewers.find(({ who }) => who === 'a student');
          const path = `/live/hall-7/720p.m3u8?start=${at(0)}`;
          const answer = await on.origin.ask(`${student?.prefix}${path}`);
          return numberOf(listedMedia(answer.body.toString(), path)[0] ?? '');
        };
        assert.equal(await first(), 5);
        on.broadcasts[0] = lesson('a', START_MS, { endMs: at(20) });
        on.cuts.changed('hall-7');
        assert.equal(await first(), 0);
        on.broadcasts[0] = trimmed;
        on.cuts.changed('hall-7');
        assert.equal(await first(), 5);
      });
    });
  }

  it('a replay that differs by milliseconds has the marks of its own range', async () => {
    const directory = makeTempDir();
    const on = await recordingOrigin(new MemoryStore(), directory.path);
    try {
      on.origin.goOnAir('a');
      on.origin.run(20 * D + 400);
      await on.archive.settled();
      const mark = { ...markAt(5), id: 'edge' };
      on.broadcasts.push(lesson('a', START_MS, { endMs: at(20), trimStartMs: at(5) + 700, marks: [mark] }));
      on.cuts.changed('hall-7');
      const teacher = (await viewersOf(on.origin)).find(({ who }) => who === 'a teacher by header');
      for (const file of ['720p.m3u8', 'manifest.mpd']) {
        const whole = await on.origin.ask(`/replay/hall-7/${at(5)}-${at(20)}/${file}`, {
          headers: teacher?.headers ?? {},
        });
        assert.match(whole.body.toString(), /call-edge/, file);
        const shown = await on.origin.ask(`/replay/hall-7/${at(5) + 700}-${at(20)}/${file}`);
        assert.equal(shown.status, 200, file);
        assert.doesNotMatch(shown.body.toString(), /call-edge/, file);
      }
    } finally {
      await on.stop();
      directory.remove();
    }
  });
});
