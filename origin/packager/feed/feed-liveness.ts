/** How long a feed may be silent before the next one in line goes on air, in milliseconds. */
export const PATIENCE_MS = 3000;

/**
 * How long a feed may be silent while a process of ours in front of it stands still (stopped, or on a paused machine), in
 * milliseconds: what the teacher sent meanwhile is about to come. 20 s, and time for it to come.
 */
export const PAUSE_PATIENCE_MS = 23_000;
/** A worker that reports does so once a second; without a report for this long it stands still. Milliseconds. */
const REPORT_OVERDUE_MS = 2500;

/** What a sender says at the end: the class is over, or the teacher's line dropped. */
export type FeedEnding = 'over' | 'interrupted';
/** What a sender says at the end of one track: `away`, the feed goes on without it for a while. */
export type TrackEnding = FeedEnding | 'away';

/** Whether a feed lives: its connections, when samples last came, and how it ended. All times are UTC milliseconds. */
export class FeedLiveness {
  readonly #maxLagMs: number;
  /** Tracks whose connection stands. */
  readonly #connections = new Set<string>();
  #firstMs = Number.POSITIVE_INFINITY;
  /** When the sender last came back after all of its connections were gone. */
  #resumedMs = Number.NEGATIVE_INFINITY;
  /** When samples last came, by track. */
  readonly #progressMs = new Map<string, number>();
  #lagMs = 0;
  /** When the feed's worker last reported, and whether ingest was silent to it; null while it has not. */
  #report: { readonly atMs: number; readonly isStalled: boolean } | null = null;
  /** When a process of ours in front of the feed last went on after it had stood still. */
  #wentOnMs = Number.NEGATIVE_INFINITY;
  /** What the first track that ended said; the others may still deliver. */
  #ending: FeedEnding | null = null;

  /** @param maxLagMs further behind the clock the feed counts as dead, in milliseconds */
  constructor(maxLagMs: number) {
    this.#maxLagMs = maxLagMs;
  }

  /** At least one connection stands. */
  get connected(): boolean {
    return this.#connections.size > 0;
  }

  /** How it ended; null while it runs, and when its connections broke without an ending. */
  get ending(): FeedEnding | null {
    return this.#ending;
  }

  /** When the first track was opened; Infinity before. */
  get firstMs(): number {
    return this.#firstMs;
  }

  /** When anything last came; when it was opened, before the first sample. */
  get progressMs(): number {
    return Math.max(this.#firstMs, ...this.#progressMs.values());
  }

  /** How far media time is behind the clock at the last arrival, milliseconds; negative when ahead. */
  get lagMs(): number {
    return this.#lagMs;
  }

  /** Reports that a track was opened, or opened again. */
  open(track: string, nowMs: number): void {
    // Its connections come back one by one, each with the last 30 s: none is late because another one was quicker.
    if (!this.connected) this.#resumedMs = nowMs;
    this.#connections.add(track);
    this.#ending = null;
    this.#firstMs = Math.min(this.#firstMs, nowMs);
  }

  /**
   * Reports that a track has new samples.
   *
   * @param headMs media time up to which it has come
   */
  progress(track: string, headMs: number, nowMs: number): void {
    this.#progressMs.set(track, nowMs);
    this.#lagMs = nowMs - headMs;
  }

  /**
   * Reports that a track's connection is gone.
   *
   * @param ending what the sender said; null when the connection broke and may come back
   */
  close(track: string, ending: FeedEnding | null): void {
    this.#connections.delete(track);
    this.#ending ??= ending;
  }

  /**
   * UTC has moved without this process: it slept, or the clock was set. Nobody was silent meanwhile.
   *
   * @param missedMs by how much; negative when the clock was set back
   */
  excuse(missedMs: number): void {
    this.#firstMs += missedMs;
    this.#resumedMs += missedMs;
    this.#wentOnMs += missedMs;
    for (const [track, atMs] of this.#progressMs) this.#progressMs.set(track, atMs + missedMs);
    if (this.#report !== null) this.#report = { ...this.#report, atMs: this.#report.atMs + missedMs };
  }

  /** The worker of the feed reports; `isStalled` when nothing comes to it from ingest, not even ingest's clock. */
  report(isStalled: boolean, nowMs: number): void {
    if (!isStalled && this.#standsStill(nowMs)) this.#wentOnMs = nowMs;
    this.#report = { isStalled, atMs: nowMs };
  }

  /** False when nothing more will come: it ended, has been silent for too long, or is too far behind. */
  isAlive(nowMs: number): boolean {
    const isOver = this.#ending !== null && !this.connected;
    return !isOver && this.#isPatient(this.progressMs, nowMs) && !this.#isTooLate(nowMs);
  }

  /** False when nothing more will come on a track. */
  isTrackAlive(track: string, nowMs: number): boolean {
    const progressMs = Math.max(this.#progressMs.get(track) ?? this.#firstMs, this.#resumedMs);
    return this.isAlive(nowMs) && this.#isPatient(progressMs, nowMs);
  }

  /** Whether more is waited for, when something last came at `progressMs`. */
  #isPatient(progressMs: number, nowMs: number): boolean {
    if (this.#standsStill(nowMs)) return nowMs - progressMs < PAUSE_PATIENCE_MS;
    return nowMs - Math.max(progressMs, this.#wentOnMs) < PATIENCE_MS;
  }

  /**
   * A teacher who is silent is not what a worker is that neither sends nor reports while its connections stand, or that hears
   * nothing from ingest: there a process of ours stands still, and goes on where it stopped.
   */
  #standsStill(nowMs: number): boolean {
    const report = this.#report;
    if (report === null || !this.connected) return false;
    return report.isStalled || nowMs - report.atMs > REPORT_OVERDUE_MS;
  }

  /** A sender that has just come back begins with the last 30 s, and is about to catch up. */
  #isTooLate(nowMs: number): boolean {
    return this.#lagMs >= this.#maxLagMs && nowMs - this.#resumedMs >= PATIENCE_MS;
  }
}
