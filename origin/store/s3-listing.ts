import type { ListedObject } from '../../shared/object-store.ts';
import { type ListPage, readListPage } from './list-page.ts';
import type { S3Client } from './s3-client.ts';
import { s3Code } from './s3-error.ts';

/** Names of one page. */
const PAGE_KEYS = 1000;
/** Pages in a row without a new name: a server with many deleted versions sends some. */
const EMPTY_PAGES = 250;
/** What servers answer that know ListObjects only. */
const NOT_KNOWN: ReadonlySet<string> = new Set([
  'InvalidArgument',
  'InvalidRequest',
  'MethodNotAllowed',
  'NotImplemented',
]);

/** Where a listing goes on. */
type Position = {
  /** Names up to this one are not wanted; '' for all. */
  readonly after: string;
  /** Of ListObjectsV2; null for the first page. */
  readonly token: string | null;
};

/** Lists a bucket page by page: with ListObjectsV2, and with ListObjects where the server does not know that. */
export class S3Listing {
  readonly #client: Pick<S3Client, 'list'>;
  readonly #prefix: string;
  readonly #pageKeys: number;
  readonly #onFirstVersion: () => void;
  #isFirstVersion = false;

  /**
   * @param prefix of each key in the bucket
   * @param pageKeys names of one page
   * @param onFirstVersion called when the server turns out to know ListObjects only
   */
  constructor(
    client: Pick<S3Client, 'list'>,
    prefix: string,
    pageKeys = PAGE_KEYS,
    onFirstVersion: () => void = () => {},
  ) {
    this.#client = client;
    this.#prefix = prefix;
    this.#pageKeys = pageKeys;
    this.#onFirstVersion = onFirstVersion;
  }

  /**
   * Requests one name, to see whether the bucket can be read.
   *
   * @throws the server's error
   */
  async probe(): Promise<void> {
    await this.#request({ 'max-keys': '1' }, { after: '', token: null });
  }

  /**
   * Lists objects, in the order of their keys. Ends, whatever the server answers.
   *
   * @param prefix of the keys wanted
   * @param after only keys after this one; '' for all
   * @param run runs a request, and turns its error into a StoreError
   * @throws what `run` throws
   */
  async *pages(
    prefix: string,
    after: string,
    run: (request: () => Promise<ListPage>) => Promise<ListPage>,
  ): AsyncGenerator<readonly ListedObject[], void, undefined> {
    let position: Position = { after: after === '' ? '' : this.#prefix + after, token: null };
    const wanted = { prefix: this.#prefix + prefix, 'max-keys': String(this.#pageKeys) };
    let emptyPages = 0;
    for (;;) {
      const from = position;
      const page = await run(async () => {
        const answered = readListPage(await this.#request(wanted, from), this.#prefix);
        if (answered.isTruncated) checkProgress(answered, from, emptyPages);
        return answered;
      });
      const isNew = page.lastName > from.after;
      emptyPages = isNew ? 0 : emptyPages + 1;
      yield page.objects.filter(({ key }) => this.#prefix + key > from.after);
      if (!page.isTruncated) return;
      // Without a token the next page is requested by the last name, which every server understands as the marker.
      if (page.continuationToken === null) this.#isFirstVersion = true;
      position = { after: isNew ? page.lastName : from.after, token: page.continuationToken };
    }
  }

  async #request(wanted: Readonly<Record<string, string>>, position: Position): Promise<string> {
    if (!this.#isFirstVersion) {
      try {
        return await this.#client.list(secondVersion(wanted, position));
      } catch (error) {
        if (!NOT_KNOWN.has(s3Code(error))) throw error;
        const xml = await this.#client.list(queryOf({ ...wanted, marker: position.after })).catch(() => null);
        if (xml === null) throw error;
        this.#isFirstVersion = true;
        this.#onFirstVersion();
        return xml;
      }
    }
    return this.#client.list(queryOf({ ...wanted, marker: position.after }));
  }
}

/** @throws {Error} when the next page would be the same one, or there have been too many without a new name */
function checkProgress(page: ListPage, from: Position, emptyPages: number): void {
  const { continuationToken, lastName } = page;
  const isSame = continuationToken === null ? lastName <= from.after : continuationToken === from.token;
  if (isSame) throw new Error('the list is truncated, and the server gives the same page again');
  if (lastName <= from.after && emptyPages >= EMPTY_PAGES) {
    throw new Error(`the server gives no new name in ${EMPTY_PAGES} pages`);
  }
}

function secondVersion(wanted: Readonly<Record<string, string>>, { after, token }: Position): string {
  return queryOf({
    ...{ ...wanted, 'list-type': '2' },
    ...(token === null ? { 'start-after': after } : { 'continuation-token': token }),
  });
}

/** The query of a request; its parameters are sorted, as the signature needs them. */
function queryOf(wanted: Readonly<Record<string, string>>): string {
  return Object.entries(wanted)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .sort()
    .join('&');
}
