/** What a track choice needs of a packet. */
type TrackPacket = {
  readonly trackId: number;
  readonly kind: 'config' | 'frame' | 'other';
  readonly data: Buffer;
};

/** Another track is put on air when track 0 has not come within this time. Milliseconds. */
const WAIT_FOR_FIRST_MS = 1000;
/** Tracks whose configuration is remembered. */
const MAX_TRACKS = 32;

/**
 * Chooses the track that is on air: track 0, which every encoder fills first, and which a tag without a number belongs to. A
 * publisher without it is heard by her lowest one.
 */
export class PublisherTracks<P extends TrackPacket> {
  #onAir: number | null = null;
  #firstMs: number | null = null;
  /** The last configuration of each track. */
  readonly #configs = new Map<number, P>();
  readonly #aside = new Set<number>();

  /** The tracks that were left aside, in the order in which they came. */
  get aside(): readonly number[] {
    return [...this.#aside].filter((id) => id !== this.#onAir);
  }

  /**
   * Chooses from the packets of one tag.
   *
   * @param nowMs UTC milliseconds
   * @returns those of the track on air; when it is another one than before, in front of them its configuration
   */
  choose(packets: readonly P[], nowMs: number): readonly P[] {
    const chosen: P[] = [];
    for (const packet of packets) {
      const { trackId, kind } = packet;
      this.#firstMs ??= nowMs;
      const before = this.#onAir;
      if (trackId === 0) this.#onAir = 0;
      else if (before === null && nowMs - this.#firstMs >= WAIT_FOR_FIRST_MS)
        this.#onAir = this.#lowest(trackId);
      if (this.#onAir !== null && this.#onAir !== before) {
        const config = this.#configs.get(this.#onAir);
        if (config !== undefined) chosen.push(config);
      }
      if (trackId === this.#onAir) chosen.push(packet);
      else this.#setAside(trackId);
      if (kind === 'config' && (this.#configs.has(trackId) || this.#configs.size < MAX_TRACKS)) {
        this.#configs.set(trackId, { ...packet, data: Buffer.from(packet.data) });
      }
    }
    return chosen;
  }

  #lowest(trackId: number): number {
    return Math.min(trackId, ...this.#aside);
  }

  #setAside(trackId: number): void {
    if (this.#aside.size < MAX_TRACKS) this.#aside.add(trackId);
  }
}
