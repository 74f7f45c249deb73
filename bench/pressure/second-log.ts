import { setTimeout as after } from 'node:timers/promises';
import { coresBetween, type CpuReading } from '../measure/cpu-time.ts';
import type { ClassReport } from './pipeline-report.ts';

/** One second of a run. */
export type Second = {
  /** UTC milliseconds. */
  readonly atMs: number;
  readonly phase: string;
  /** The largest ages of the second, by class and rendition. */
  readonly ages: readonly (readonly number[])[];
  readonly reports: readonly ClassReport[];
  /** Cores by process class. */
  readonly cores: Readonly<Record<string, number>>;
};

/** Where the seconds of a run come from. */
export type SecondSources = {
  ages(): number[][];
  reports(): Promise<readonly ClassReport[]>;
  cpu(): CpuReading;
};

const LOOK_EVERY_MS = 100;

/** Records a run second by second, and prints it. */
export class SecondLog {
  readonly seconds: Second[] = [];
  /** Every look, in order: the figures are made of these. */
  readonly looks: { readonly atMs: number; readonly phase: string; readonly ages: number[][] }[] = [];
  phase = 'calm';
  #running = true;
  readonly #sources: SecondSources;
  readonly #say: (line: string) => void;

  constructor(sources: SecondSources, say: (line: string) => void) {
    this.#sources = sources;
    this.#say = say;
  }

  /** Records until {@link stop}. */
  async run(): Promise<void> {
    let before = this.#sources.cpu();
    let beforeMs = Date.now();
    while (this.#running) {
      const startMs = Date.now();
      const asked = this.#sources.reports();
      const worst: number[][] = [];
      do {
        const ages = this.#sources.ages();
        this.looks.push({ atMs: Date.now(), phase: this.phase, ages });
        ages.forEach((own, at) => {
          worst[at] = own.map((age, i) => Math.max(age, worst[at]?.[i] ?? -Infinity));
        });
        await after(LOOK_EVERY_MS);
      } while (Date.now() < startMs + 1000 - LOOK_EVERY_MS / 2);
      const [reports, now, nowMs] = [await asked, this.#sources.cpu(), Date.now()];
      const cores = coresBetween(before, now, (nowMs - beforeMs) / 1000);
      [before, beforeMs] = [now, nowMs];
      const second = { atMs: nowMs, phase: this.phase, ages: worst, reports, cores };
      this.seconds.push(second);
      this.#say(secondLine(second, this.seconds.length));
    }
  }

  stop(): void {
    this.#running = false;
  }
}

/** A second as a line: ages in seconds, then plan and the stages' lags of the first class, then cores. Pure. */
export function secondLine({ phase, ages, reports, cores }: Second, index: number): string {
  const inS = (ms: number): string => (Number.isFinite(ms) ? (ms / 1000).toFixed(2) : '–');
  const [first] = reports;
  const plans = reports.map(({ plan }) => plan).filter((plan) => plan !== '');
  const stages = Object.entries(first?.lagMs ?? {}).map(([name, ms]) => `${name} ${inS(ms)}`);
  return [
    `${String(index).padStart(3)} ${phase.padEnd(7)}`,
    ages.map((own) => own.map(inS).join(' ')).join(' | '),
    ...(plans.length > 0 ? [plans.join(',')] : []),
    ...(ages.length === 1 && stages.length > 0 ? [stages.join(' ')] : []),
    Object.entries(cores)
      .map(([name, value]) => `${name} ${value.toFixed(2)}`)
      .join(' '),
  ].join(' · ');
}
