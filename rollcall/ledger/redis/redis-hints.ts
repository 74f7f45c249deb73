import type { RedisConnection } from './redis-connection.ts';
import { HINT_CHANNEL_NAMES, hintChannelOf } from './redis-keys.ts';

/** Hints between gateways that calls or the class list of a channel have changed. They may be lost. */
export class RedisHints {
  readonly #connection: RedisConnection;
  readonly #onChange: (channel: string) => void;
  readonly #listeners: ((channel: string) => void)[] = [];

  /** @param onChange told before all listeners when something cached may be out of date */
  constructor(connection: RedisConnection, onChange: (channel: string) => void) {
    this.#connection = connection;
    this.#onChange = onChange;
  }

  /** Starts to listen to the hints of all gateways. */
  listen(): void {
    this.#connection.listen(HINT_CHANNEL_NAMES, (channel) => this.#changed(channel));
  }

  /** Adds a listener. */
  onHint(listener: (channel: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Tells this gateway's listeners that a channel has new answers. */
  tellHere(channel: string): void {
    for (const listener of this.#listeners) listener(channel);
  }

  /** Tells all gateways, this one at once, that something of a channel has changed. */
  tellAll(channel: string): void {
    this.#changed(channel);
    this.#connection.send('SPUBLISH', hintChannelOf(channel), channel).catch(() => {});
  }

  #changed(channel: string): void {
    this.#onChange(channel);
    this.tellHere(channel);
  }
}
