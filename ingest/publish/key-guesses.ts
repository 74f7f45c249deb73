import { addressGroup } from '../../shared/client-address.ts';

/** Wrong keys of one address or channel. */
type Guesses = { count: number; lastMs: number };

/** So many wrong keys are answered at once: typing errors, and an encoder that tries again. */
const FREE_GUESSES = 9;
const FIRST_DELAY_MS = 1000;
const LONGEST_DELAY_MS = 8000;
/** Without a wrong key for so long, all are forgotten. */
const FORGET_MS = 600_000;
/** Addresses that are remembered; the one without a wrong key for the longest time is forgotten first. */
const MAX_ADDRESSES = 10_000;
/** An address with so many wrong keys waits before a key of it is looked at, the right one too. */
const CROWDED_GUESSES = 100;
const LOOK_AFTER_MS = 2000;

/**
 * Slows guesses of publish keys down: from the tenth wrong key of an address or on a channel, the answer comes after a second,
 * and later from guess to guess. A right key is answered at once, so that a school behind one address is not locked out by one
 * of its pupils. After a hundred wrong keys each key of that address is looked at after two seconds, so that nobody gains by
 * leaving before the answer. Time is an argument.
 */
export class KeyGuesses {
  readonly #byAddress = new Map<string, Guesses>();
  /** Only channels that exist, so their number is bounded. */
  readonly #byChannel = new Map<string, Guesses>();

  /**
   * How long the look at a key of this address waits, milliseconds.
   *
   * @param address IPv4 or IPv6
   * @param nowMs UTC milliseconds
   */
  lookAfterMs(address: string, nowMs: number): number {
    const guesses = this.#byAddress.get(networkOf(address));
    const isCrowded =
      guesses !== undefined && guesses.count >= CROWDED_GUESSES && !isForgotten(guesses, nowMs);
    return isCrowded ? LOOK_AFTER_MS : 0;
  }

  /**
   * Counts a wrong key.
   *
   * @param channel null where there is no such channel
   * @param nowMs UTC milliseconds
   * @returns after how many milliseconds the peer is told
   */
  wrong(address: string, channel: string | null, nowMs: number): number {
    const counts = [countOne(this.#byAddress, networkOf(address), nowMs)];
    if (channel !== null) counts.push(countOne(this.#byChannel, channel, nowMs));
    for (const oldest of this.#byAddress.keys()) {
      if (this.#byAddress.size <= MAX_ADDRESSES) break;
      this.#byAddress.delete(oldest);
    }
    const over = Math.max(...counts) - FREE_GUESSES;
    return over <= 0 ? 0 : Math.min(FIRST_DELAY_MS * over, LONGEST_DELAY_MS);
  }
}

function countOne(all: Map<string, Guesses>, name: string, nowMs: number): number {
  const known = all.get(name);
  const count = known === undefined || isForgotten(known, nowMs) ? 1 : known.count + 1;
  // Set anew, so that the map's order is that of the last wrong key.
  all.delete(name);
  all.set(name, { count, lastMs: nowMs });
  return count;
}

function isForgotten({ lastMs }: Guesses, nowMs: number): boolean {
  return nowMs - lastMs > FORGET_MS;
}

/** What one attacker has: an IPv4 address, or an IPv6 network of 64 bits. */
function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  return mapped ?? addressGroup(address.split('%', 1)[0] ?? '');
}
