import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { S3Store } from '../../../origin/store/s3-store.ts';
import { S3Client } from '../../../origin/store/s3-client.ts';
import { S3Listing } from '../../../origin/store/s3-listing.ts';
import { listed } from './object-store.contract.ts';
import { type FakeS3, startFakeS3 } from './support/fake-s3.ts';

const PLACE = {
  ...{ accessKey: 'an-access-key', secretKey: 'a-secret-key' },
  ...{ bucket: 'lectern', prefix: 'p', region: 'us-east-1' },
};
const error = (code: string): string => `<Error><Code>${code}</Code><Message>x</Message></Error>`;

/** As a server lists that walks its folders. */
function byFolder(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')];
  const at = left.findIndex((part, i) => part !== right[i]);
  return (left[at] ?? '') < (right[at] ?? '') ? -1 : 1;
}

describe('an S3 server that does things otherwise', () => {
  let server: FakeS3;
  let store: S3Store;
  let answer: (req: IncomingMessage, res: ServerResponse, query: URLSearchParams) => void;
  beforeEach(async () => {
    server = await startFakeS3((req, res) =>
      answer(req, res, new URL(req.url ?? '', 'http://x').searchParams),
    );
    store = new S3Store({ ...PLACE, endpoint: server.endpoint, stallMs: 20_000 });
  });
  afterEach(async () => {
    await store.close();
    await server.close();
  });

  describe('deletes', () => {
    const keys = Array.from({ length: 30 }, (_, at) => `a/${at}`);
    for (const [status, code] of [
      [501, 'NotImplemented'],
      [405, 'MethodNotAllowed'],
      [400, 'MalformedXML'],
      [403, 'AccessDenied'],
    ] as const) {
      it(`one by one where it answers ${status} ${code} to many at once`, async () => {
        answer = (req, res) => {
          if (req.method === 'POST') res.writeHead(status).end(error(code));
          else res.writeHead(req.url?.endsWith('/a/3') === true ? 404 : 204).end();
        };
        await store.delete(keys);
        const deleted = server.asked.filter((line) => line.startsWith('DELETE'));
        assert.deepEqual(
          deleted.map((line) => line.replace('DELETE /lectern/p/', '')).toSorted(),
          keys.toSorted(),
        );
        await store.delete(['b']);
        const many = server.asked.filter((line) => line.startsWith('POST'));
        assert.equal(many.length, code.startsWith('Not') || code.startsWith('Method') ? 1 : 2);
      });
    }

    it('all others when it refuses one for ever', async () => {
      answer = (req, res) => {
        if (req.method === 'POST') res.writeHead(501).end(error('NotImplemented'));
        else if (req.url?.endsWith('/a/0') === true) res.writeHead(403).end(error('AccessDenied'));
        else res.writeHead(204).end();
      };
      await assert.rejects(store.delete(keys), { code: 'store-denied' });
      assert.equal(server.asked.filter((line) => line.startsWith('DELETE')).length, keys.length);
    });

    it('in thousands, all but those that it refuses', async () => {
      answer = (_req, res) =>
        res.end(`<DeleteResult><Error><Key>p/x</Key><Code>AccessDenied</Code></Error></DeleteResult>`);
      const many = Array.from({ length: 2500 }, (_, at) => `a/${at}`);
      await assert.rejects(store.delete(many), { code: 'store-denied' });
      assert.equal(server.asked.length, 3);
    });

    it('nothing when it is not there at all, and is not asked one by one', async () => {
      answer = (_req, res) => res.writeHead(503).end(error('SlowDown'));
      await assert.rejects(store.delete(keys), { code: 'store-unavailable' });
      assert.equal(server.asked.length, 1);
    });

    it('nothing when its answer is that of somebody else', async () => {
      answer = (_req, res) => res.end('{"ok":true}');
      await assert.rejects(store.delete(keys), { code: 'store-unavailable' });
    });
  });

  describe('lists', () => {
    const all = Array.from({ length: 25 }, (_, at) => `a/${String(at).padStart(2, '0')}`);
    const page = (keys: readonly string[], more: string): string =>
      `<ListBucketResult>${more}${keys.map((key) => `<Contents><Key>p/${key}</Key><Size>1</Size><ETag>e</ETag></Contents>`).join('')}</ListBucketResult>`;
    /** ListObjects alone, ten names a page. */
    const firstVersion = (res: ServerResponse, marker: string | null): void => {
      const left = all.filter((key) => `p/${key}` > (marker ?? ''));
      const more = `<Marker>${marker ?? ''}</Marker><IsTruncated>${left.length > 10}</IsTruncated>`;
      res.end(page(left.slice(0, 10), more));
    };
    const names = async (options = {}): Promise<string[]> => {
      const found: string[] = [];
      for await (const { key } of store.list('', options)) found.push(key);
      return found;
    };

    it('with ListObjects, when it passes over what it does not know', async () => {
      answer = (_req, res, query) => firstVersion(res, query.get('marker'));
      assert.deepEqual(await names(), all);
      assert.deepEqual(await names({ after: 'a/17' }), all.slice(18));
    });

    for (const code of ['NotImplemented', 'InvalidArgument']) {
      it(`with ListObjects, when it answers ${code} to ListObjectsV2`, async () => {
        answer = (_req, res, query) => {
          if (query.has('list-type')) res.writeHead(400).end(error(code));
          else firstVersion(res, query.get('marker'));
        };
        assert.deepEqual(await names(), all);
        assert.deepEqual(await names({ after: 'a/17' }), all.slice(18));
        assert.equal(server.asked.filter((line) => line.includes('list-type')).length, 1);
      });
    }

    const endless: readonly { name: string; answer: (at: number) => string }[] = [
      {
        name: 'the same token for ever',
        answer: () =>
          page(['a/1'], '<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>'),
      },
      {
        name: 'a new token and no new name for ever',
        answer: (at) =>
          page(
            ['a/1'],
            `<IsTruncated>true</IsTruncated><NextContinuationToken>${at}</NextContinuationToken>`,
          ),
      },
      {
        name: 'no token and the same names for ever',
        answer: () => page(['a/1'], '<IsTruncated>true</IsTruncated>'),
      },
      { name: 'no token and no name for ever', answer: () => page([], '<IsTruncated>true</IsTruncated>') },
    ];
    for (const { name, answer: pageAt } of endless) {
      it(`without an end, with ${name}: store-unavailable`, async () => {
        answer = (_req, res) => res.end(pageAt(server.asked.length));
        await assert.rejects(names(), { code: 'store-unavailable' });
      }).timeout(10_000);
    }

    const orders: readonly { name: string; first: number; sorted: (keys: readonly string[]) => string[] }[] =
      [
        // Folder by folder: what is in `hall` comes before `hall-7/`, though `-` is less than `/` (SeaweedFS).
        { name: 'folder by folder', first: 2, sorted: (keys) => keys.toSorted(byFolder) },
        // By encrypted names (Storj), or by none (directory buckets of S3).
        { name: 'backwards', first: 0, sorted: (keys) => keys.toSorted().toReversed() },
      ];
    for (const { name, first, sorted } of orders) {
      for (const version of ['ListObjectsV2', 'ListObjects']) {
        it(`${name}, with ${version}: no name is lost, and from the second list on they are in order`, async () => {
          const keys = ['hall', 'hall-7', 'room'].flatMap((folder) =>
            [1, 2, 3, 4].map((at) => `${folder}/${at}`),
          );
          const told: string[] = [];
          const theirs = sorted(keys);
          const other = new S3Store({
            ...{ ...PLACE, endpoint: server.endpoint, pageKeys: 3 },
            onFallback: (line) => told.push(line),
          });
          answer = (_req, res, query) => {
            const behind =
              query.get('continuation-token') ?? query.get('marker') ?? query.get('start-after') ?? 'p/';
            const at = behind === 'p/' ? 0 : theirs.indexOf(behind.slice(2)) + 1;
            const some = theirs.slice(at, at + 3);
            const token =
              version === 'ListObjects'
                ? ''
                : `<NextContinuationToken>p/${some.at(-1)}</NextContinuationToken>`;
            res.end(page(some, `<IsTruncated>${at + 3 < theirs.length}</IsTruncated>${token}`));
          };
          const names = async (options = {}): Promise<string[]> => {
            const found: string[] = [];
            for await (const { key } of other.list('', options)) found.push(key);
            return found;
          };
          assert.deepEqual((await names()).toSorted(), keys.toSorted());
          assert.deepEqual(await names(), keys.toSorted());
          const after = keys.toSorted()[first] ?? '';
          assert.deepEqual(await names({ after }), keys.toSorted().slice(first + 1));
          assert.equal(told.filter((line) => line.includes('out of order')).length, 1);
          await other.close();
        });
      }
    }

    it('out of order and without an end: store-unavailable', async () => {
      const listing = new S3Listing(
        {
          list: async (query) => {
            const at = Number(new URLSearchParams(query).get('continuation-token') ?? 0) + 1;
            const more = `<IsTruncated>true</IsTruncated><NextContinuationToken>${at}</NextContinuationToken>`;
            return page([`b/${at % 7}`, `a/${at % 5}`], more);
          },
        },
        ...(['p/', 2, { firstVersion: () => {}, unsorted: () => {} }, 50] as const),
      );
      const pages = listing.pages('', '', (request) => request());
      await assert.rejects(pages.next(), /more than 50 names, in no order/);
    });

    it('with empty pages between, for deleted versions', async () => {
      answer = (_req, res, query) => {
        const at = Number(query.get('continuation-token') ?? 0);
        const more = `<IsTruncated>${at < 20}</IsTruncated><NextContinuationToken>${at + 1}</NextContinuationToken>`;
        res.end(page(at === 20 ? all : [], more));
      };
      assert.deepEqual(await names(), all);
    });
  });

  it('puts a page of a proxy in place of an object, a list or a success: none is believed', async () => {
    answer = (_req, res) =>
      res
        .writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ETag: '"e"' })
        .end('<html>Sign in</html>');
    for (const operation of [
      store.get('a'),
      store.stat('a'),
      store.put('a', Buffer.from('x')),
      store.put('large', Buffer.alloc(20_000_000)),
      store.delete(['a']),
      listed(store, ''),
    ]) {
      await assert.rejects(operation, { code: 'store-unavailable' });
    }
  });

  it('gives fewer bytes than its Content-Length says: they are not taken for the object', async () => {
    answer = (_req, res) => res.writeHead(200, { 'Content-Length': 100 }).write('short');
    const hasty = new S3Store({ ...PLACE, endpoint: server.endpoint, stallMs: 100 });
    await assert.rejects(hasty.get('a'), { code: 'store-unavailable' });
    await hasty.close();
  });

  it('completes an upload without saying where it is, and fails one after its status', async () => {
    let end = '<CompleteMultipartUploadResult><ETag>"e"</ETag></CompleteMultipartUploadResult>';
    answer = (req, res, query) => {
      if (query.has('uploads')) {
        res.end('<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>');
      } else if (req.method === 'POST') res.end(end);
      else res.writeHead(req.method === 'DELETE' ? 204 : 200, { ETag: '"e"' }).end();
    };
    await store.put('large', Buffer.alloc(20_000_000));
    end = ` ${error('InternalError')}`;
    await assert.rejects(store.put('large', Buffer.alloc(20_000_000)), { code: 'store-unavailable' });
  });

  it('takes the bucket in its host name, when that is wanted', async () => {
    const client = new S3Client({ ...PLACE, endpoint: 'http://no-such-host.invalid', pathStyle: false });
    await assert.rejects(client.put('a', '', Buffer.from('x')), /lectern\.no-such-host\.invalid/);
    client.close();
  });

  it('need not know checksums, conditions or copies: none is sent', async () => {
    const sent: string[] = [];
    answer = (req, res) => {
      sent.push(...Object.keys(req.headers));
      res.writeHead(200, { ETag: '"e"' }).end('<DeleteResult/>');
    };
    await store.put('a', Buffer.from('x'));
    await store.get('a');
    await store.delete(['a']);
    const odd = sent.filter((name) => /^(x-amz-(checksum|sdk|copy|trailer)|if-)/.test(name));
    assert.deepEqual(odd, []);
  });
});
