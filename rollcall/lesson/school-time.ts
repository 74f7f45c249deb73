/** Time zones whose offset is looked up again at most so often: offsets change on quarters of an hour. Milliseconds. */
const SLOT_MS = 900_000;
/** Most slots that are remembered: a lesson has a hundred. */
const SLOTS_MAX = 10_000;

/** Times as the school's clocks show them. */
export class SchoolTime {
  /** IANA name: `Asia/Shanghai`, `UTC`. */
  readonly zone: string;
  readonly #format: Intl.DateTimeFormat;
  /** Offset from UTC by slot, milliseconds. */
  readonly #offsets = new Map<number, number>();

  /** @param zone checked by the configuration */
  constructor(zone: string) {
    this.zone = zone;
    this.#format = new Intl.DateTimeFormat('en-US', {
      ...{ timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  }

  /** `2026-02-17`. @param ms UTC milliseconds */
  day(ms: number): string {
    return this.#local(ms).slice(0, 10);
  }

  /** `16:45:34`. @param ms UTC milliseconds */
  clock(ms: number): string {
    return this.#local(ms).slice(11, 19);
  }

  /** `2026-02-17 16:45:34`. @param ms UTC milliseconds */
  moment(ms: number): string {
    return this.#local(ms).slice(0, 19).replace('T', ' ');
  }

  /** The offset from UTC: `+08:00`, or `UTC` for none. @param ms UTC milliseconds */
  offset(ms: number): string {
    const minutes = Math.round(this.#offsetMs(ms) / 60_000);
    if (minutes === 0) return 'UTC';
    const two = (count: number): string => String(count).padStart(2, '0');
    const size = Math.abs(minutes);
    return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}:${two(size % 60)}`;
  }

  #local(ms: number): string {
    return new Date(ms + this.#offsetMs(ms)).toISOString();
  }

  #offsetMs(ms: number): number {
    const slot = Math.floor(ms / SLOT_MS);
    let offset = this.#offsets.get(slot);
    if (offset === undefined) {
      if (this.#offsets.size >= SLOTS_MAX) this.#offsets.clear();
      offset = this.#offsetAt(slot * SLOT_MS);
      this.#offsets.set(slot, offset);
    }
    return offset;
  }

  #offsetAt(ms: number): number {
    const parts = new Map(this.#format.formatToParts(ms).map(({ type, value }) => [type, Number(value)]));
    const of = (type: Intl.DateTimeFormatPartTypes): number => parts.get(type) ?? 0;
    const local = Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
    return local - ms;
  }
}
