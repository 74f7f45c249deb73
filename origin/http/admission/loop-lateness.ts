/** Time between two ticks of the timer, milliseconds. */
export const TICK_EVERY_MS = 50;
/** Ticks that are remembered: two seconds. */
const TICKS = 40;
/** A gap of this length in which the process hardly ran is a stop (SIGSTOP, a laptop that slept), milliseconds. */
const STOP_MS = 1000;
/** Share of a gap in which the process had the processor, below which it was stopped. */
const STOPPED_SHARE = 0.1;

/**
 * How late the event loop is: what a steady timer observes of it. A viewer's request waits as long as the timer does. Pure but
 * for its own state.
 */
export class LoopLateness {
  /** Delays of the last ticks, milliseconds; the oldest first. */
  #delays: number[] = [];
  #lastMs: number | null = null;
  #lastCpuMs = 0;
  /** When the last ticks were and what processor time the process had taken by then; the oldest is two seconds old. */
  #turns: { readonly atMs: number; readonly cpuMs: number }[] = [];

  /**
   * Takes a tick of the timer.
   *
   * @param nowMs of a steady clock, milliseconds
   * @param cpuMs processor time of this process so far, milliseconds
   */
  tick(nowMs: number, cpuMs: number): void {
    const gapMs = nowMs - (this.#lastMs ?? nowMs);
    const ranMs = cpuMs - this.#lastCpuMs;
    this.#lastMs = nowMs;
    this.#lastCpuMs = cpuMs;
    if (gapMs > STOP_MS && ranMs < gapMs * STOPPED_SHARE) {
      this.#delays = [];
      this.#turns = [{ atMs: nowMs, cpuMs }];
      return;
    }
    this.#turns.push({ atMs: nowMs, cpuMs });
    const oldest = this.#turns.findLastIndex(({ atMs }) => atMs <= nowMs - TICKS * TICK_EVERY_MS);
    this.#turns = this.#turns.slice(Math.max(0, oldest));
    const delayMs = Math.max(0, gapMs - TICK_EVERY_MS);
    // A timer that is late once has missed several ticks, and each of them would have seen a part of the delay.
    const missed = Math.min(TICKS - 1, Math.floor(delayMs / TICK_EVERY_MS));
    for (let i = 0; i <= missed; i += 1) this.#delays.push(delayMs - i * TICK_EVERY_MS);
    this.#delays = this.#delays.slice(-TICKS);
  }

  /** A quarter of the last two seconds' ticks were later than this, milliseconds; one long turn alone does not show in it. */
  get lateMs(): number {
    const sorted = this.#delays.toSorted((a, b) => b - a);
    return sorted[Math.floor(TICKS / 4)] ?? 0;
  }

  /** Processor time that the process took in the last two seconds, in cores: late without it, it waits for the machine. */
  get cores(): number {
    const [from, to] = [this.#turns[0], this.#turns.at(-1)];
    if (from === undefined || to === undefined || to.atMs <= from.atMs) return 0;
    return (to.cpuMs - from.cpuMs) / (to.atMs - from.atMs);
  }
}
