import { isKey, type ListedObject } from '../../shared/object-store.ts';

/** One page of a listing. */
export type ListPage = {
  readonly objects: readonly ListedObject[];
  /** Name of the last object in the bucket that the page has, whosever it is: where ListObjects goes on; '' for none. */
  readonly lastName: string;
  /** Whether there are more pages. */
  readonly isTruncated: boolean;
  /** The token that requests the next page; null where the server gives none, as one does that knows ListObjects only. */
  readonly continuationToken: string | null;
};

/**
 * Reads the answer of ListObjectsV2, or of ListObjects. The S3 library has a parser as well, but it reads names that look like
 * numbers as numbers, `1e5` as `100000`.
 *
 * Objects of others, whose names are no keys of Lectern, are skipped. Keys have no character that XML escapes.
 *
 * @param xml the body of the server's response
 * @param prefix of each key in the bucket
 * @throws {Error} when it is no such response
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
 */
export function readListPage(xml: string, prefix: string): ListPage {
  const [head = '', ...entries] = xml.split('<Contents>');
  if (!head.includes('<ListBucketResult')) throw new Error('the answer is no list of objects');
  const objects: ListedObject[] = [];
  let lastName = '';
  for (const entry of entries) {
    const name = unescape(elementOf(entry, 'Key') ?? '');
    if (name !== '') lastName = name;
    const key = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    const sizeBytes = Number(elementOf(entry, 'Size') ?? Number.NaN);
    if (!isKey(key) || !Number.isSafeInteger(sizeBytes)) continue;
    const version = elementOf(entry, 'ETag') ?? elementOf(entry, 'LastModified') ?? '';
    objects.push({ key: copyOf(key), sizeBytes, version: copyOf(unescape(version)) });
  }
  const isTruncated = elementOf(xml, 'IsTruncated') === 'true';
  const token = unescape(elementOf(xml, 'NextContinuationToken') ?? '');
  return {
    ...{ objects, lastName: copyOf(lastName), isTruncated },
    continuationToken: isTruncated && token !== '' ? token : null,
  };
}

/** Copies a slice of a text: a slice keeps the whole text in memory, here a page of a thousand objects. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8');
}

function elementOf(xml: string, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** @see https://www.w3.org/TR/xml/#sec-references */
function unescape(text: string): string {
  return text.replace(/&(?:#(\d{1,6})|#x([\da-fA-F]{1,5})|(\w+));/g, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
    return ENTITIES[name] ?? whole;
  });
}
