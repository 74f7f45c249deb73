import assert from 'node:assert/strict';
import { readListPage } from '../../../origin/store/list-page.ts';

const page = (entries: string, more = '<IsTruncated>false</IsTruncated>'): string =>
  `<?xml version="1.0"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name>${more}${entries}</ListBucketResult>`;
const entry = (key: string, size = '5'): string =>
  `<Contents><Key>${key}</Key><ETag>&#34;e&#34;</ETag><Size>${size}</Size></Contents>`;

describe('the answer to a list of a bucket', () => {
  const table: readonly { name: string; xml: string; prefix?: string; want: readonly string[] }[] = [
    { name: 'nothing', xml: page(''), want: [] },
    { name: 'names and sizes', xml: page(entry('a/1') + entry('a/2', '0')), want: ['a/1 5', 'a/2 0'] },
    {
      name: 'names that look like numbers',
      xml: page(entry('1e5') + entry('007')),
      want: ['1e5 5', '007 5'],
    },
    {
      name: 'names below a prefix',
      xml: page(entry('p/a') + entry('p/b/c')),
      prefix: 'p/',
      want: ['a 5', 'b/c 5'],
    },
    {
      name: 'names of others, which are passed over',
      xml: page(entry('a&amp;b') + entry('../x') + entry('A') + entry('q/a') + entry('p/a/') + entry('p/a')),
      prefix: 'p/',
      want: ['a 5'],
    },
    {
      name: 'sizes that are none, which are passed over',
      xml: page(entry('a', 'x') + entry('b', '')),
      want: ['b 0'],
    },
  ];
  for (const { name, xml, prefix = '', want } of table) {
    it(`holds ${name}`, () => {
      const { objects, continuationToken } = readListPage(xml, prefix);
      assert.deepEqual(
        objects.map(({ key, sizeBytes }) => `${key} ${sizeBytes}`),
        want,
      );
      assert.equal(continuationToken, null);
    });
  }

  it('says where it goes on, wherever that stands, as the server will want it back', () => {
    const more =
      '<NextContinuationToken>a&amp;b&#x2F;&#47;&lt;1&gt;&none;</NextContinuationToken><IsTruncated>true</IsTruncated>';
    assert.equal(readListPage(page(entry('a'), more), '').continuationToken, 'a&b//<1>&none;');
    assert.equal(readListPage(page(entry('a') + more, ''), '').continuationToken, 'a&b//<1>&none;');
  });

  it('of ListObjects says that there is more, and not where', () => {
    const xml = page(entry('p/a') + entry('p/b&amp;c'), '<IsTruncated>true</IsTruncated>');
    const { objects, ...rest } = readListPage(xml, 'p/');
    assert.equal(objects.length, 1);
    assert.deepEqual(rest, { isTruncated: true, continuationToken: null, lastName: 'p/b&c' });
  });

  for (const xml of ['', '<html></html>', '<Error><Code>x</Code></Error>']) {
    it(`is refused when it is ${JSON.stringify(xml.slice(-40))}`, () =>
      assert.throws(() => readListPage(xml, '')));
  }
});
