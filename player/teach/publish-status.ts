import { signal } from '@preact/signals';
import { health, type Finding, readIngest } from './health.ts';
import { askAsTeacher, type PublishAddress, readPublishAddress } from './teach-api.ts';

const INGEST_EVERY_MS = 2000;
const ADDRESS_RETRY_MS = 10_000;

/** Where the teacher publishes, and how good her stream is. */
export class PublishStatus {
  readonly findings = signal<readonly Finding[]>([]);
  /** Null while unknown. */
  readonly address = signal<PublishAddress | null>(null);
  readonly #token: string;
  readonly #path: string;

  constructor(channel: string, token: string) {
    this.#token = token;
    this.#path = `/api/ingest/${channel}`;
  }

  /** Asks the API from now on, for as long as the page lives. */
  start(): void {
    void this.#askAddress();
    void this.#followIngest();
  }

  async #followIngest(): Promise<void> {
    const reply = await askAsTeacher(this.#token, this.#path);
    const read = reply.kind === 'ok' ? readIngest(reply.value) : null;
    this.findings.value = read === null ? [] : health(read.publish);
    setTimeout(() => void this.#followIngest(), INGEST_EVERY_MS);
  }

  async #askAddress(): Promise<void> {
    const reply = await askAsTeacher(this.#token, `${this.#path}/publish`);
    this.address.value = reply.kind === 'ok' ? readPublishAddress(reply.value) : null;
    if (reply.kind === 'unreachable') setTimeout(() => void this.#askAddress(), ADDRESS_RETRY_MS);
  }
}
