import { signal } from '@preact/signals';
import { type Air, readAir } from './air.ts';
import { type Finding, readIngest } from './health.ts';
import { streamFindings } from './stream-findings.ts';
import { askAsTeacher, type PublishAddress, readPublishAddress } from './teach-api.ts';

const INGEST_EVERY_MS = 2000;
const ADDRESS_RETRY_MS = 10_000;

/** Where the teacher publishes, and how good her stream is. */
export class PublishStatus {
  readonly findings = signal<readonly Finding[]>([]);
  /** How late the class is at the server; null while nothing is on air, or nothing is known. */
  readonly air = signal<Air | null>(null);
  /** Null while unknown. */
  readonly address = signal<PublishAddress | null>(null);
  readonly #token: string;
  readonly #path: string;
  readonly #feedsPath: string;

  constructor(channel: string, token: string) {
    this.#token = token;
    this.#path = `/api/ingest/${channel}`;
    this.#feedsPath = `/api/channels/${channel}/feeds`;
  }

  /** Asks the API from now on, for as long as the page lives. */
  start(): void {
    void this.#askAddress();
    void this.#followIngest();
  }

  async #followIngest(): Promise<void> {
    const [ingest, feeds] = await Promise.all(
      [this.#path, this.#feedsPath].map((path) => askAsTeacher(this.#token, path)),
    );
    const read = ingest?.kind === 'ok' ? readIngest(ingest.value) : null;
    this.air.value = feeds?.kind === 'ok' ? readAir(feeds.value) : null;
    this.findings.value = read === null ? [] : streamFindings(read, this.air.value);
    setTimeout(() => void this.#followIngest(), INGEST_EVERY_MS);
  }

  async #askAddress(): Promise<void> {
    const reply = await askAsTeacher(this.#token, `${this.#path}/publish`);
    this.address.value = reply.kind === 'ok' ? readPublishAddress(reply.value) : null;
    if (reply.kind === 'unreachable') setTimeout(() => void this.#askAddress(), ADDRESS_RETRY_MS);
  }
}
