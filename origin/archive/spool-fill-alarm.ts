/** Shares of the spool's limit at which the operator is warned. */
const WARNING_SHARES = [0.25, 0.5, 0.75, 0.9];

/** Decides when to warn that the spool fills up: once for each share of its limit. */
export class SpoolFillAlarm {
  readonly #maxBytes: number;
  #warnedShare = 0;

  /** @param maxBytes the spool's limit */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * To be called after each write.
   *
   * @param sizeBytes of the spool
   * @returns the share to warn of; null when there is nothing new to say
   */
  afterWrite(sizeBytes: number): number | null {
    const share = WARNING_SHARES.findLast((candidate) => sizeBytes >= candidate * this.#maxBytes) ?? 0;
    if (share <= this.#warnedShare) return null;
    this.#warnedShare = share;
    return share;
  }

  /** To be called after objects were removed: a spool that is half as full may fill up again, with new warnings. */
  afterRemoval(sizeBytes: number): void {
    if (sizeBytes / this.#maxBytes < this.#warnedShare / 2) this.#warnedShare = 0;
  }
}
