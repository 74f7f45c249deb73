import assert from 'node:assert/strict';
import { parseConfig } from '../../config/load.ts';
import { refusal } from './refusal.ts';

const ENV = {
  LECTERN_S3_ENDPOINT: 'https://s3.example.com/',
  LECTERN_S3_ACCESS_KEY: 'env-access',
  LECTERN_S3_SECRET_KEY: 'env-secret',
};

/** A configuration of S3 that is good but for one setting. */
const s3 = (setting: string): string =>
  `store: {s3: {endpoint: "http://h", accessKey: abc, secretKey: abcdefgh, ${setting}}}`;

describe('the configuration of the store', () => {
  it('needs none: objects are files', () => assert.deepEqual(parseConfig('', {}).store, {}));

  it('has a default for all of S3 but where it is and its keys', () => {
    for (const yaml of ['', 'store:', 'store: {}', 'store: {s3: }']) {
      assert.deepEqual(parseConfig(yaml, ENV).store.s3, {
        ...{ endpoint: 'https://s3.example.com', accessKey: 'env-access', secretKey: 'env-secret' },
        ...{ bucket: 'lectern', prefix: '', region: 'us-east-1', pathStyle: true },
      });
    }
  });

  it('takes an address of any kind', () => {
    for (const endpoint of [
      'http://127.0.0.1:9000',
      'http://[::1]:9000',
      'https://host:443',
      'http://minio',
    ]) {
      assert.equal(parseConfig('', { ...ENV, LECTERN_S3_ENDPOINT: endpoint }).store.s3?.endpoint, endpoint);
    }
  });

  it('takes a bucket with a dot, and virtual-host style', () => {
    assert.equal(parseConfig(s3('bucket: school.example'), {}).store.s3?.bucket, 'school.example');
    assert.equal(parseConfig(s3('pathStyle: false'), {}).store.s3?.pathStyle, false);
  });

  describe('from the environment goes before the file:', () => {
    const file = s3('bucket: from-file, prefix: city/one/, region: eu-west-1');
    const table = [
      { variable: 'LECTERN_S3_ENDPOINT', key: 'endpoint', text: 'http://env:9000' },
      { variable: 'LECTERN_S3_ACCESS_KEY', key: 'accessKey', text: 'env-access' },
      { variable: 'LECTERN_S3_SECRET_KEY', key: 'secretKey', text: 'env-secret' },
      { variable: 'LECTERN_S3_BUCKET', key: 'bucket', text: 'env-bucket' },
    ] as const;
    for (const { variable, key, text } of table) {
      it(`${variable}, and leaves what stands beside it`, () => {
        const before = parseConfig(file, {}).store.s3;
        assert.deepEqual([before?.prefix, before?.region], ['city/one', 'eu-west-1']);
        assert.notEqual(before?.[key], text);
        assert.deepEqual(parseConfig(file, { [variable]: text }).store.s3, { ...before, [key]: text });
      });
    }

    it('but not into a section that is something else', () => {
      assert.match(refusal('store: bucket', ENV), /^lectern\.yaml: store: /);
      assert.match(refusal('store: {s3: bucket}', ENV), /^lectern\.yaml: store\.s3: /);
    });

    it('and changes nothing else that an alias shares with it', () => {
      const yaml = 'http: &shared {host: h}\nrtmp: *shared';
      const { http, rtmp } = parseConfig(yaml, { LECTERN_HTTP_PORT: '9090' });
      assert.deepEqual([http.port, rtmp.port], [9090, 1935]);
    });
  });

  describe('is refused with path, reason and value:', () => {
    const table: readonly { name: string; yaml: string; path: string; reason: RegExp; value?: string }[] = [
      {
        name: 'an endpoint with a path',
        yaml: s3('').replace('http://h', 'http://host:9000/bucket'),
        path: 'store.s3.endpoint',
        reason: /nothing more/,
        value: '"http://host:9000/bucket"',
      },
      {
        name: 'an endpoint without http',
        yaml: s3('').replace('http://h', 'host:9000'),
        path: 'store.s3.endpoint',
        reason: /URL/,
        value: '"host:9000"',
      },
      {
        name: 'no secret key',
        yaml: 'store: {s3: {endpoint: "http://host:9000", accessKey: abc}}',
        path: 'store.s3.secretKey',
        reason: /string/,
      },
      {
        name: 'keys alone',
        yaml: 'store: {s3: {accessKey: abc, secretKey: abcdefgh}}',
        path: 'store.s3.endpoint',
        reason: /string/,
      },
      {
        name: 'a bucket in capitals',
        yaml: s3('bucket: Hall'),
        path: 'store.s3.bucket',
        reason: /a-z/,
        value: '"Hall"',
      },
      {
        name: 'a prefix that goes up',
        yaml: s3('prefix: a/../b'),
        path: 'store.s3.prefix',
        reason: /a-z/,
        value: '"a/../b"',
      },
      {
        name: 'a prefix from the top',
        yaml: s3('prefix: /a'),
        path: 'store.s3.prefix',
        reason: /a-z/,
        value: '"/a"',
      },
      {
        name: 'a region in words',
        yaml: s3('region: Far East'),
        path: 'store.s3.region',
        reason: /a-z/,
        value: '"Far East"',
      },
      {
        name: 'a bucket with a dot at an end',
        yaml: s3('bucket: a.b.'),
        path: 'store.s3.bucket',
        reason: /a-z/,
        value: '"a.b."',
      },
      {
        name: 'an IP address as part of a host name',
        yaml: s3('pathStyle: false').replace('http://h', 'http://10.0.0.1:9000'),
        path: 'store.s3.pathStyle',
        reason: /IP address/,
      },
      {
        name: 'a bucket with a dot as part of a host name under TLS',
        yaml: s3('pathStyle: false, bucket: a.b').replace('http://h', 'https://h'),
        path: 'store.s3.pathStyle',
        reason: /no certificate/,
      },
      { name: 'an unknown key', yaml: 'store: {bucket: lectern}', path: 'store', reason: /bucket/ },
      { name: 'an unknown key of S3', yaml: s3('secret: x'), path: 'store.s3', reason: /secret/ },
    ];
    for (const { name, yaml, path, reason, value } of table) {
      it(name, () => {
        const message = refusal(yaml);
        assert.ok(message.startsWith(`lectern.yaml: ${path}: `), message);
        assert.match(message, reason);
        if (value !== undefined) assert.ok(message.endsWith(`got ${value}`), message);
      });
    }

    for (const [variable, key] of [
      ['LECTERN_S3_ENDPOINT', 'endpoint'],
      ['LECTERN_S3_ACCESS_KEY', 'accessKey'],
      ['LECTERN_S3_SECRET_KEY', 'secretKey'],
    ] as const) {
      it(`an environment that lacks ${variable} alone`, () => {
        const message = refusal('', { ...ENV, [variable]: '' });
        assert.ok(message.startsWith(`lectern.yaml: store.s3.${key}: `), message);
        assert.equal(message.split('\n').length, 1);
      });
    }

    it('an environment that names a bucket and nothing else', () => {
      assert.equal(refusal('', { LECTERN_S3_BUCKET: 'alone' }).split('\n').length, 3);
    });
  });

  describe('keeps secrets out of its messages:', () => {
    const table = [
      { name: 'a secret key that is too short', yaml: s3('').replace('abcdefgh', 'zq7'), value: 'zq7' },
      {
        name: 'a secret key that is a number',
        yaml: s3('').replace('abcdefgh', '918273918273'),
        value: '918273',
      },
      { name: 'an access key that is too short', yaml: s3('').replace('abc,', 'zq,'), value: 'zq' },
      { name: 'a password in the endpoint', yaml: s3('').replace('//h', '//user:zq7@h'), value: 'zq7' },
    ];
    for (const { name, yaml, value } of table) {
      it(name, () => assert.ok(!refusal(yaml).includes(value), refusal(yaml)));
    }
  });
});
