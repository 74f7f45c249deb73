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

/** Names that are sorted here where the server does not: some 100 MB. */
const MAX_UNSORTED = 500_000;

/** Told once of what a server does otherwise. */
type ListingFallbacks = { readonly firstVersion: () => void; readonly unsorted: () => void };

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
  readonly #onFallback: ListingFallbacks;
  readonly #maxUnsorted: number;
  #isFirstVersion = false;
  #isUnsorted = false;

  /**
   * @param prefix of each key in the bucket
   * @param pageKeys names of one page
   * @param onFallback called when the server turns out to know ListObjects only, and when it lists out of order
   * @param maxUnsorted names of one list that are sorted here
   */
  constructor(
    client: Pick<S3Client, 'list'>,
    prefix: string,
    pageKeys = PAGE_KEYS,
    onFallback: ListingFallbacks = { firstVersion: () => {}, unsorted: () => {} },
    maxUnsorted = MAX_UNSORTED,
  ) {
    this.#client = client;
    this.#prefix = prefix;
    this.#pageKeys = pageKeys;
    this.#onFallback = onFallback;
    this.#maxUnsorted = maxUnsorted;
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
   * A server that lists in another order (folder by folder, or by encrypted names) is read to the end before anything is yielded. In
   * the list in which this turns out, what was yielded stays in front.
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
    const late: ListedObject[] = [];
    let last = after;
    // Where a server has another order, what is behind a name is another question to it.
    for await (const page of this.#listed(prefix, this.#isUnsorted ? '' : after, run)) {
      const wanted = page.filter(({ key }) => key > after);
      if (!this.#isUnsorted && isSortedBehind(last, wanted)) {
        yield wanted;
        last = wanted.at(-1)?.key ?? last;
        continue;
      }
      if (!this.#isUnsorted) this.#onFallback.unsorted();
      this.#isUnsorted = true;
      late.push(...wanted);
      if (late.length > this.#maxUnsorted) {
        await run(() => Promise.reject(new Error(`more than ${this.#maxUnsorted} names, in no order`)));
      }
    }
    yield late.sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The objects of each page as the server lists them, without those of the page before: some servers begin with the marker. */
  async *#listed(
    prefix: string,
    after: string,
    run: (request: () => Promise<ListPage>) => Promise<ListPage>,
  ): AsyncGenerator<readonly ListedObject[], void, undefined> {
    let position: Position = { after: after === '' ? '' : this.#prefix + after, token: null };
    const wanted = { prefix: this.#prefix + prefix, 'max-keys': String(this.#pageKeys) };
    let before: ReadonlySet<string> = new Set();
    let furthest = position.after;
    let emptyPages = 0;
    for (;;) {
      const from = position;
      const page = await run(async () => {
        const answered = readListPage(await this.#request(wanted, from), this.#prefix);
        if (answered.isTruncated)
          checkProgress(answered, from, answered.lastName > furthest ? 0 : emptyPages);
        return answered;
      });
      const known = before;
      const objects = page.objects.filter(({ key }) => !known.has(key));
      const isNew = page.lastName > furthest;
      if (isNew) furthest = page.lastName;
      emptyPages = isNew || objects.length > 0 ? 0 : emptyPages + 1;
      yield objects;
      if (!page.isTruncated) return;
      before = new Set(page.objects.map(({ key }) => key));
      // Without a token the next page is requested by the last name, which every server understands as the marker.
      if (page.continuationToken === null) this.#isFirstVersion = true;
      position = { after: page.lastName || from.after, token: page.continuationToken };
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
        this.#onFallback.firstVersion();
        return xml;
      }
    }
    return this.#client.list(queryOf({ ...wanted, marker: position.after }));
  }
}

/** @throws {Error} when the next page would be the same one, or there have been too many without a new name */
function checkProgress({ continuationToken, lastName }: ListPage, from: Position, emptyPages: number): void {
  const isSame =
    continuationToken === null
      ? lastName === '' || lastName === from.after
      : continuationToken === from.token;
  if (isSame) throw new Error('the list is truncated, and the server gives the same page again');
  if (emptyPages >= EMPTY_PAGES) throw new Error(`the server gives no new name in ${EMPTY_PAGES} pages`);
}

/** Whether keys ascend, all of them behind another one. */
function isSortedBehind(last: string, objects: readonly ListedObject[]): boolean {
  return objects.every(({ key }, at) => key > (objects[at - 1]?.key ?? last));
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
