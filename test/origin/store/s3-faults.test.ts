import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { S3Store } from '../../../origin/store/s3-store.ts';
import { describeError } from '../../../shared/errors.ts';
import { StoreError } from '../../../shared/object-store.ts';
import { listed } from './object-store.contract.ts';
import { type FakeS3, startFakeS3 } from './support/fake-s3.ts';

const KEYS = { accessKey: 'an-access-key', secretKey: 'a-secret-key' };
const PLACE = { ...KEYS, bucket: 'lectern', prefix: '', region: 'us-east-1' };

/** The error that an operation fails with; it holds no key. */
async function failure(operation: Promise<unknown>): Promise<StoreError> {
  const error = await operation.then(
    () => assert.fail('it went well'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof StoreError, String(error));
  const all = `${describeError(error)}${JSON.stringify(error)}${JSON.stringify(error.cause)}`;
  for (const secret of Object.values(KEYS)) assert.ok(!all.includes(secret), all);
  return error;
}

describe('an S3 server that complains', () => {
  const xml = (code: string, message: string): string =>
    `<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  const table: readonly { name: string; status: number; body: string; want: string; says?: RegExp }[] = [
    {
      name: 'of a full disk',
      status: 507,
      body: xml('XMinioStorageFull', 'no room'),
      want: 'store-full',
      says: /no room/,
    },
    { name: 'of a full disk without a word', status: 507, body: '', want: 'store-full' },
    { name: 'of a quota', status: 400, body: xml('XMinioAdminBucketQuotaExceeded', 'x'), want: 'store-full' },
    {
      name: 'of a quota, as versitygw does',
      status: 403,
      body: xml('QuotaExceeded', 'x'),
      want: 'store-full',
    },
    {
      name: 'of too much to do',
      status: 503,
      body: xml('SlowDown', 'later'),
      want: 'store-unavailable',
      says: /SlowDown: later/,
    },
    {
      name: 'of a fault of its own',
      status: 500,
      body: xml('InternalError', 'oh'),
      want: 'store-unavailable',
      says: /InternalError/,
    },
    {
      name: 'as a proxy before it',
      status: 502,
      body: '<html>Bad Gateway</html>',
      want: 'store-unavailable',
      says: /HTTP 502/,
    },
    {
      name: 'as something that is no S3',
      status: 404,
      body: '<html>nothing</html>',
      want: 'store-unavailable',
    },
    {
      name: 'of our key',
      status: 403,
      body: xml('SignatureDoesNotMatch', 'x'),
      want: 'store-denied',
      says: /SignatureDoesNotMatch/,
    },
    {
      name: 'of our clock',
      status: 403,
      body: xml('RequestTimeTooSkewed', 'x'),
      want: 'store-unavailable',
      says: /clock is wrong: set it, best by NTP: RequestTimeTooSkewed/,
    },
    {
      name: 'of our region',
      status: 400,
      body: xml('AuthorizationHeaderMalformed', 'want eu'),
      want: 'store-denied',
      says: /see store\.s3\.region and endpoint: AuthorizationHeaderMalformed: want eu/,
    },
    {
      name: 'of our region, and names another',
      status: 301,
      body: '<Error><Code>PermanentRedirect</Code><Message>no</Message><Endpoint>b.s3.eu.example</Endpoint></Error>',
      want: 'store-denied',
      says: /PermanentRedirect: no: its address is b\.s3\.eu\.example/,
    },
    {
      name: 'of a name that is not known everywhere',
      status: 307,
      body: xml('TemporaryRedirect', 'x'),
      want: 'store-unavailable',
    },
    {
      name: 'of the bucket in the path',
      status: 403,
      body: xml('SecondLevelDomainForbidden', 'x'),
      want: 'store-denied',
      says: /set store\.s3\.pathStyle to false: SecondLevelDomainForbidden/,
    },
    {
      name: 'of an old access key',
      status: 400,
      body: xml('ExpiredToken', 'x'),
      want: 'store-denied',
      says: /has expired/,
    },
    {
      name: 'of something that we do not know',
      status: 400,
      body: xml('XUnheardOf', 'x'),
      want: 'store-denied',
      says: /XUnheardOf/,
    },
    {
      name: 'of a request that was too slow',
      status: 400,
      body: xml('RequestTimeout', 'x'),
      want: 'store-unavailable',
    },
    { name: 'of too many requests', status: 429, body: '', want: 'store-unavailable' },
    { name: 'as a firewall before it', status: 403, body: '<html>no</html>', want: 'store-unavailable' },
    {
      name: 'and names our keys',
      status: 403,
      body: xml('AccessDenied', `not for ${KEYS.accessKey} (${KEYS.secretKey})`),
      want: 'store-denied',
      says: /not for \(redacted\)/,
    },
    { name: 'of a bucket that is gone', status: 404, body: xml('NoSuchBucket', 'x'), want: 'no-such-bucket' },
    {
      name: 'of a folder in its place',
      status: 409,
      body: xml('ExistingObjectIsDirectory', 'x'),
      want: 'key-conflict',
    },
  ];
  for (const { name, status, body, want, says } of table) {
    it(`${name} gives ${want}, at once`, async () => {
      const server = await startFakeS3((_req, res) => res.writeHead(status).end(body));
      const store = new S3Store({ ...PLACE, endpoint: server.endpoint });
      try {
        const error = await failure(store.put('hall-7/1', Buffer.from('x')));
        assert.equal(error.code, want);
        assert.ok(error.message.includes(`${server.endpoint}/lectern: put hall-7/1: `), error.message);
        if (says !== undefined) assert.match(describeError(error), says);
        assert.deepEqual(server.asked, ['PUT /lectern/hall-7/1'], 'nothing is tried twice in here');
      } finally {
        await store.close();
        await server.close();
      }
    });
  }

  it('is not run out of connections by its complaints', async () => {
    const server = await startFakeS3((_req, res) => res.writeHead(503).end(xml('SlowDown', 'later')));
    const store = new S3Store({ ...PLACE, endpoint: server.endpoint });
    for (let round = 0; round < 3; round += 1) {
      const puts = Array.from({ length: 100 }, (_, at) => failure(store.put(`a/${at}`, Buffer.from('x'))));
      for (const error of await Promise.all(puts)) assert.equal(error.code, 'store-unavailable');
    }
    await store.close();
    await server.close();
  });

  it('about some of the keys that it should delete, is heard', async () => {
    const server = await startFakeS3((_req, res) => {
      const entry = (key: string, code: string): string =>
        `<Error><Key>${key}</Key><Code>${code}</Code></Error>`;
      res.end(`<DeleteResult>${entry('a', 'NoSuchKey')}${entry('b', 'AccessDenied')}</DeleteResult>`);
    });
    const store = new S3Store({ ...PLACE, endpoint: server.endpoint });
    assert.equal((await failure(store.delete(['a', 'b', 'c']))).code, 'store-denied');
    await store.close();
    await server.close();
  });

  it('in the middle of a large body leaves no upload behind', async () => {
    const server = await startFakeS3((req, res) => {
      if (req.method === 'POST') {
        res.end('<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>');
      } else if (req.method === 'DELETE') {
        res.writeHead(204).end();
      } else if (req.url?.includes('partNumber=2') === true) {
        res.writeHead(507).end();
      } else {
        res.writeHead(200, { ETag: '"e"' }).end();
      }
    });
    const store = new S3Store({ ...PLACE, endpoint: server.endpoint });
    assert.equal((await failure(store.put('large', Buffer.alloc(20_000_000)))).code, 'store-full');
    assert.equal(server.asked.at(0), 'POST /lectern/large?uploads');
    assert.equal(server.asked.at(-1), 'DELETE /lectern/large?uploadId=u1');
    await store.close();
    await server.close();
  });
});

describe('an S3 server that stands still or breaks off', () => {
  let server: FakeS3;
  let store: S3Store;
  let answer: Parameters<typeof startFakeS3>[0];
  beforeEach(async () => {
    server = await startFakeS3((req, res) => answer(req, res));
    store = new S3Store({ ...PLACE, endpoint: server.endpoint, stallMs: 200 });
  });
  afterEach(async () => {
    await store.close();
    await server.close();
  });

  const table: readonly { name: string; answer: Parameters<typeof startFakeS3>[0] }[] = [
    { name: 'before its answer', answer: () => {} },
    {
      name: 'in the middle of its answer',
      answer: (_req, res) => res.writeHead(200, { 'Content-Length': 1000 }).write('some of it'),
    },
    { name: 'in the middle of a complaint', answer: (_req, res) => res.writeHead(503).write('<Error>') },
    {
      name: 'and breaks off in the middle of its answer',
      answer: (req, res) => {
        res.writeHead(200, { 'Content-Length': 1000 }).write('some of it', () => req.socket.destroy());
      },
    },
    {
      name: 'and breaks off in the middle of one of unknown length',
      answer: (req, res) => {
        res.write('some of it', () => req.socket.destroy());
      },
    },
    { name: 'and breaks off at once', answer: (req) => req.socket.destroy() },
  ];
  for (const { name, answer: wanted } of table) {
    it(`${name} gives store-unavailable in bounded time, and never half an object`, async () => {
      answer = wanted;
      assert.equal((await failure(store.get('a'))).code, 'store-unavailable');
      assert.equal((await failure(store.getRange('a', 0, 99))).code, 'store-unavailable');
      assert.equal((await failure(listed(store, ''))).code, 'store-unavailable');
      assert.equal((await failure(store.delete(['a']))).code, 'store-unavailable');
    });
  }

  it('that gives more than was asked for is not believed', async () => {
    answer = (_req, res) => res.writeHead(206).end('the whole object');
    assert.equal((await failure(store.getRange('a', 0, 3))).code, 'store-unavailable');
  });

  it('that gives other bytes than those asked for is not believed', async () => {
    answer = (_req, res) => res.writeHead(206, { 'Content-Range': 'bytes 0-3/16' }).end('the ');
    assert.equal((await failure(store.getRange('a', 4, 7))).code, 'store-unavailable');
  });

  it('that passes over the range, as some caches do, is read by it', async () => {
    answer = (_req, res) => res.end('the whole object');
    assert.equal((await store.getRange('a', 0, 3)).toString(), 'the ');
    assert.equal((await store.getRange('a', 10, 999)).toString(), 'object');
    assert.equal((await failure(store.getRange('a', 16, 20))).code, 'bad-range');
  });

  it('that answers a list with something else is not believed', async () => {
    for (const body of [
      '',
      '<html>',
      '<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>',
    ]) {
      answer = (_req, res) => res.end(body);
      assert.equal((await failure(listed(store, ''))).code, 'store-unavailable');
    }
  });

  it('that is slow, but gets on, is waited for', async () => {
    answer = (_req, res) => {
      res.writeHead(200, { 'Content-Length': 10 });
      let sent = 0;
      const timer = setInterval(() => {
        res.write(String(sent));
        sent += 1;
        if (sent === 10) clearInterval(timer);
      }, 50);
    };
    assert.equal((await store.get('a')).toString(), '0123456789');
  });
});

describe('a place where no S3 server is', () => {
  it('that takes connections and never says anything gives store-unavailable in bounded time', async () => {
    const sockets: Socket[] = [];
    const server: Server = createServer((socket) => sockets.push(socket.on('error', () => {})));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const store = new S3Store({ ...PLACE, endpoint: `http://127.0.0.1:${address.port}`, stallMs: 100 });
    const [first, ...others] = await Promise.all([
      failure(store.check()),
      failure(store.put('a', Buffer.from('x'))),
      failure(store.put('b', Buffer.alloc(20_000_000))),
      failure(store.get('a')),
      failure(store.stat('a')),
      failure(store.delete(['a'])),
      failure(listed(store, '')),
    ]);
    for (const error of [first, ...others]) assert.equal(error.code, 'store-unavailable');
    assert.match(describeError(first), /no progress for 100 ms/);
    await store.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  for (const endpoint of [
    'http://127.0.0.1:1',
    'http://[::1]:1',
    'https://127.0.0.1:1',
    'http://no-such-host.invalid',
  ]) {
    it(`gives store-unavailable: ${endpoint}`, async () => {
      const store = new S3Store({ ...PLACE, endpoint });
      const error = await failure(store.put('a', Buffer.from('x')));
      assert.equal(error.code, 'store-unavailable');
      assert.ok(error.message.includes(endpoint));
      await store.close();
    });
  }
});
