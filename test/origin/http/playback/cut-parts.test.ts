import assert from 'node:assert/strict';
import { makeTempDir, type TempDir } from '../../../support/temp-dir.ts';
import { lesson } from '../../support/library-on-stage.ts';
import { MemoryStore } from '../../support/memory-store.ts';
import { type RecordingOrigin, recordingOrigin } from '../../support/past-on-stage.ts';
import { START_MS } from '../../support/synthetic.ts';
import { viewersOf } from '../../support/viewers-on-stage.ts';

const D = 1600;
/** A class of 20 segments, whose first five and last five were cut off. */
const [FROM_MS, TO_MS] = [START_MS + 5 * D, START_MS + 15 * D];

describe('what was cut off a recording', function () {
  this.timeout(30_000);
  for (const access of ['open', 'token'] as const) {
    describe(`with access ${access}`, () => {
      let directory: TempDir;
      let on: RecordingOrigin;
      before(async () => {
        directory = makeTempDir();
        on = await recordingOrigin(new MemoryStore(), directory.path, `access: ${access}`);
        on.origin.goOnAir();
        on.origin.run(20 * D + 400);
        on.origin.goOffAir('over', 200);
        // Until it has left the live window.
        for (let i = 0; i < 4; i++) on.origin.goOffAir('over', 10 * D);
        await on.archive.settled();
      });
      after(async () => {
        await on.stop();
        directory.remove();
      });

      const show = (more: object): void => {
        on.broadcasts.splice(
          0,
          on.broadcasts.length,
          lesson('a', START_MS, { endMs: START_MS + 20 * D, ...more }),
        );
        on.cuts.changed('hall-7');
      };
      const media = (startMs: number, rendition = '720p'): string =>
        `/media/hall-7/${rendition}/${Math.floor(startMs / D)}.m4s`;

      const table: readonly {
        name: string;
        more: object;
        cut: readonly string[];
        kept: readonly string[];
      }[] = [
        {
          name: 'a trim',
          more: { trimStartMs: FROM_MS, trimEndMs: TO_MS },
          cut: [
            media(START_MS),
            media(FROM_MS - D),
            media(TO_MS),
            media(START_MS + 19 * D, 'audio'),
            `/replay/hall-7/${START_MS}-${FROM_MS}/index.m3u8`,
            `/replay/hall-7/${START_MS}-${START_MS + 20 * D}/720p.m3u8`,
            `/replay/hall-7/${FROM_MS - 1}-${TO_MS}/manifest.mpd`,
            `/replay/hall-7/${FROM_MS}-${TO_MS + 1}/audio.m3u8`,
          ],
          kept: [
            media(FROM_MS),
            media(TO_MS - D),
            `/replay/hall-7/${FROM_MS}-${TO_MS}/720p.m3u8`,
            `/replay/hall-7/${FROM_MS}-${TO_MS}/manifest.mpd`,
          ],
        },
        {
          name: 'a trim off the grid',
          more: { trimStartMs: FROM_MS + 700 },
          cut: [media(FROM_MS - D), `/replay/hall-7/${FROM_MS}-${TO_MS}/720p.m3u8`],
          kept: [media(FROM_MS), `/replay/hall-7/${FROM_MS + 700}-${TO_MS}/720p.m3u8`],
        },
        {
          name: 'a deletion',
          more: { deletedMs: START_MS + 21 * D },
          cut: [media(START_MS), media(FROM_MS), `/replay/hall-7/${FROM_MS}-${TO_MS}/index.m3u8`],
          kept: [],
        },
        { name: 'nothing', more: {}, cut: [], kept: [media(START_MS), media(TO_MS)] },
      ];
      for (const { name, more, cut, kept } of table) {
        it(`after ${name}: to editors alone, in GET, HEAD and ranges`, async () => {
          show(more);
          for (const { who, prefix, headers, isEditor } of await viewersOf(on.origin)) {
            for (const path of [...cut, ...kept]) {
              for (const [method, range] of [
                ['GET', undefined],
                ['HEAD', undefined],
                ['GET', 'bytes=0-9'],
              ] as const) {
                const answer = await on.origin.ask(prefix + path, {
                  method,
                  headers: { ...headers, ...(range === undefined ? {} : { range }) },
                });
                const isCut = cut.includes(path);
                const place = `${who}: ${method} ${path}`;
                if (isCut && !isEditor) assert.equal(answer.status, 403, place);
                else assert.ok(answer.status === 200 || answer.status === 206, `${place}: ${answer.status}`);
                if (isCut)
                  assert.match(String(answer.headers['cache-control']), /^(private|no-store)/, place);
                if (isCut && !isEditor && method === 'GET')
                  assert.match(answer.body.toString(), /"cut-part"/);
              }
            }
          }
        });
      }
    });
  }
});

describe('what may have been cut off a recording', function () {
  this.timeout(30_000);
  let directory: TempDir;
  let on: RecordingOrigin;
  const OLD = `/media/hall-7/720p/${START_MS / D + 2}.m4s`;
  const REPLAY = `/replay/hall-7/${START_MS}-${START_MS + 10 * D}/720p.m3u8`;
  let recent = '';
  before(async () => {
    directory = makeTempDir();
    on = await recordingOrigin(new MemoryStore(), directory.path, 'windowSegments: 8');
    on.origin.goOnAir();
    on.origin.run(40 * D + 400);
    await on.archive.settled();
    recent = `/media/hall-7/720p/${Math.floor(on.origin.nowMs / D) - 3}.m4s`;
  });
  beforeEach(() => {
    Object.assign(on.library, { isLoaded: true, isWhole: true });
    on.cuts.changed('hall-7');
  });
  after(async () => {
    await on.stop();
    directory.remove();
  });

  const live = { status: 200, cache: /^public, max-age=31536000/ };
  for (const { name, library, old } of [
    {
      name: 'all of the library is known: it is there, for every cache',
      ...{ library: {}, old: { status: 200, cache: /^public/ } },
    },
    {
      name: 'the library is not loaded: nobody knows, and live goes on',
      ...{ library: { isLoaded: false }, old: { status: 503, cache: /^public, max-age=1$/ } },
    },
    {
      name: 'a broadcast of the channel cannot be read: it is there, for no cache',
      ...{ library: { isWhole: false }, old: { status: 200, cache: /^no-store$/ } },
    },
  ]) {
    it(`where ${name}`, async () => {
      Object.assign(on.library, library);
      for (const [path, { status, cache }] of [
        [recent, live],
        [OLD, old],
        [REPLAY, old],
      ] as const) {
        const answer = await on.origin.ask(path);
        assert.equal(answer.status, status, path);
        assert.match(String(answer.headers['cache-control']), cache, path);
        if (status === 503) assert.match(answer.body.toString(), /"library-loading"/);
      }
    });
  }

  it('is not looked up for a channel that there is not', async () => {
    on.library.asked.clear();
    for (const path of [OLD, REPLAY]) {
      const answer = await on.origin.ask(path.replace('hall-7', 'no-such-hall'));
      assert.equal(answer.status, 404);
      assert.match(answer.body.toString(), /"unknown-channel"/);
    }
    assert.deepEqual([...on.library.asked], []);
  });
});
