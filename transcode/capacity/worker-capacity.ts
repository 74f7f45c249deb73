import type { Logger } from '../../shared/logger.ts';
import { allocate, type CoreClaim } from './allocation.ts';
import { averageLoad, bearableCores } from './bearable.ts';
import {
  type Calibration,
  type PlanLoad,
  planCores,
  type PlanSource,
  STANDARD_CALIBRATION,
} from './calibration.ts';
import type { CapacityGrant } from './capacity-grant.ts';
import type { CapacityStatus } from './capacity-status.ts';
import { CostCorrection } from './cost-correction.ts';
import { loadBetween, type MachineLoad, type MachineReading, usedBetween } from './machine-load.ts';
import type { UsableCores } from './usable-cores.ts';

/** A broadcast that wants to be encoded. */
export type CapacityRequest = {
  readonly channel: string;
  readonly broadcast: string;
  /** Larger goes first. */
  readonly priority: number;
  readonly source: PlanSource;
  /** Its plans by level, the full ladder first. Never empty. */
  readonly plans: readonly PlanLoad[];
};

/** A broadcast that was admitted. */
export type AdmittedBroadcast = {
  readonly grant: CapacityGrant;
  /** To be called with a function that gives the process ids of its ffmpegs, so that its cost is measured. */
  measure(pids: () => readonly number[]): void;
  /** It has ended; the others get its cores. */
  release(): void;
};

type Job = {
  readonly request: CapacityRequest;
  /** Granted. */
  level: number;
  /** Told by the session; null before. */
  running: number | null;
  /** Since when it is at that level, milliseconds of a steady clock. */
  sinceMs: number;
  pids: () => readonly number[];
  measuredCores: number | null;
};

/** A job is left to others this long, the longer the fuller this worker is. Milliseconds. */
const PATIENCE_MS = { least: 150, most: 500 } as const;
/** Weight of a new reading, which is taken every two seconds: a burst of somebody else decides nothing. */
const LOAD_WEIGHT = 0.2;
/** Only so much is given to broadcasts that run already, so that the next one finds some room. */
const PROMOTION_SHARE = 0.9;
/** The load, an average, shows a step up after this time, milliseconds. */
const PROMISED_MS = 8000;
/** A job's cost is learned from when it has been at its level for so long, milliseconds. */
const SETTLED_MS = 6000;

/**
 * Knows what a worker bears and what its broadcasts cost, and decides which level of its plan each may use. It touches no
 * clock, file or process: readings are arguments.
 *
 * A broadcast that comes may make others lighter, those of lower priority first; one that leaves, and cores that others
 * leave, make them heavier again. A shortage without a new broadcast changes no grant: then lag decides, in each session.
 */
export class WorkerCapacity {
  readonly #cores: UsableCores;
  readonly #logger: Logger;
  readonly #jobs = new Map<object, Job>();
  readonly #correction = new CostCorrection();
  #calibration: Calibration | null = null;
  #load: MachineLoad | null = null;
  /** Between the last two readings. */
  #newestLoad: MachineLoad | null = null;
  #last: MachineReading | null = null;
  /** Steps up that the load does not show yet. */
  #promised: { readonly cores: number; readonly sinceMs: number }[] = [];
  /** Channels that a warning was written for. */
  readonly #warned = new Set<string>();

  constructor(cores: UsableCores, logger: Logger) {
    this.#cores = cores;
    this.#logger = logger;
  }

  /** Cores that its encoders may use together. */
  get bearableCores(): number {
    return bearableCores(this.#cores.cores, this.#load);
  }

  /** Cores that its broadcasts need at their levels. */
  get usedCores(): number {
    return [...this.#jobs.values()].reduce((sum, job) => sum + this.#cost(job, job.running ?? job.level), 0);
  }

  /** Process ids of all its ffmpegs. */
  get pids(): number[] {
    return [...this.#jobs.values()].flatMap((job) => job.pids());
  }

  /** Sets what was measured on this machine; before that, costs are assumed. */
  calibrated(calibration: Calibration): void {
    this.#calibration = calibration;
  }

  /**
   * How long a job is left to other workers, milliseconds; 0 when its full ladder fits here.
   *
   * @param request the job, or the largest that may come
   */
  patienceMs(request: Pick<CapacityRequest, 'plans' | 'source'>): number {
    const bearable = this.bearableCores;
    const used = this.usedCores;
    const [full] = request.plans;
    if (full === undefined || used + this.#planCost(full, request.source) <= bearable) return 0;
    const fullness = bearable <= 0 ? 1 : Math.min(1, used / bearable);
    return PATIENCE_MS.least + (PATIENCE_MS.most - PATIENCE_MS.least) * fullness;
  }

  /** Admits a broadcast, whatever room there is; its grant says at which level. Others may become lighter. */
  admit(request: CapacityRequest, nowMs: number): AdmittedBroadcast {
    const key = {};
    const level = request.plans.length - 1;
    const job: Job = { request, level, running: null, sinceMs: nowMs, pids: () => [], measuredCores: null };
    this.#jobs.set(key, job);
    this.#divide(this.bearableCores, false);
    return {
      grant: this.#grant(job, nowMs),
      measure: (pids) => {
        job.pids = pids;
      },
      release: () => {
        this.#jobs.delete(key);
        this.#promote();
      },
    };
  }

  /** Takes a reading of the machine, every few seconds. */
  read(reading: MachineReading): void {
    const last = this.#last;
    this.#last = reading;
    if (last === null) return;
    const load = loadBetween(last, reading, this.#cores.cpus);
    this.#newestLoad = load;
    this.#load = averageLoad(this.#load, load, LOAD_WEIGHT);
    let [measured, estimated] = [0, 0];
    for (const job of this.#jobs.values()) {
      const pids = job.pids();
      job.measuredCores = pids.length === 0 ? null : usedBetween(last, reading, pids);
      if (job.measuredCores === null || reading.atMs - job.sinceMs < SETTLED_MS) continue;
      // What sound takes says nothing of pictures.
      if (job.request.plans[job.running ?? job.level]?.groups.length === 0) continue;
      measured += job.measuredCores;
      estimated += this.#cost(job, job.running ?? job.level) / this.#correction.ratio;
    }
    this.#correction.add(measured, estimated, load);
    this.#promote();
  }

  /** What it bears and uses now. */
  status(): CapacityStatus {
    const jobs = [...this.#jobs.values()].map((job) => ({
      channel: job.request.channel,
      broadcast: job.request.broadcast,
      priority: job.request.priority,
      level: job.running ?? job.level,
      grantedLevel: job.level,
      cores: round(this.#cost(job, job.running ?? job.level)),
      fullCores: round(this.#cost(job, 0)),
      measuredCores: job.measuredCores === null ? null : round(job.measuredCores),
    }));
    return {
      cores: round(this.#cores.cores),
      limit: this.#cores.limit,
      bearableCores: round(this.bearableCores),
      usedCores: round(this.usedCores),
      missingCores: round(Math.max(0, this.#fullCores() - this.bearableCores)),
      isCalibrated: this.#calibration !== null,
      correction: round(this.#correction.ratio),
      load: this.#load,
      jobs,
    };
  }

  #grant(job: Job, nowMs: number): CapacityGrant {
    job.sinceMs = nowMs;
    return {
      priority: job.request.priority,
      level: () => job.level,
      reason: () => (job.level === 0 ? null : this.#shortage()),
      roomCores: () => this.#roomCores(),
      idleCores: () => this.#newestLoad?.idleCores ?? null,
      cost: (plan) => this.#planCost(plan, job.request.source),
      runs: (level) => {
        if (job.running !== level) job.sinceMs = this.#last?.atMs ?? nowMs;
        const more = this.#cost(job, level) - this.#cost(job, job.running ?? job.level);
        if (more > 0) this.#promised.push({ cores: more, sinceMs: this.#last?.atMs ?? nowMs });
        job.running = level;
      },
    };
  }

  /**
   * Cores for a step up: what is idle, without what other steps up have taken a moment ago. No reserve: a step that was too much is
   * taken back, and the next one comes later.
   */
  #roomCores(): number | null {
    if (this.#load === null) return null;
    const idle = this.#load.idleCores;
    if (idle === null) return Math.max(0, this.bearableCores - this.usedCores);
    const nowMs = this.#last?.atMs ?? 0;
    this.#promised = this.#promised.filter(({ sinceMs }) => nowMs - sinceMs < PROMISED_MS);
    return Math.max(0, idle - this.#promised.reduce((sum, { cores }) => sum + cores, 0));
  }

  #shortage(): string {
    return (
      `the worker bears ${this.bearableCores.toFixed(1)} cores of encoding, and the full ladders of its ` +
      `${this.#jobs.size} broadcasts need ${this.#fullCores().toFixed(1)}`
    );
  }

  #fullCores(): number {
    return [...this.#jobs.values()].reduce((sum, job) => sum + this.#cost(job, 0), 0);
  }

  /** @param fromCurrent broadcasts only become heavier */
  #divide(cores: number, fromCurrent: boolean): void {
    const jobs = [...this.#jobs.values()];
    const claims = jobs.map((job, i): CoreClaim => {
      const costs = job.request.plans.map((plan) => this.#planCost(plan, job.request.source));
      const claim = { id: String(i), priority: job.request.priority, costs };
      return fromCurrent ? { ...claim, level: job.level } : claim;
    });
    const levels = allocate(cores, claims);
    for (const [i, job] of jobs.entries()) this.#set(job, levels.get(String(i)) ?? job.level);
  }

  #set(job: Job, level: number): void {
    const { channel, broadcast } = job.request;
    job.level = level;
    if (level === 0) this.#warned.delete(channel);
    if (level === 0 || this.#warned.has(channel)) return;
    this.#warned.add(channel);
    this.#logger.warn({ channel, broadcast, level }, `no room for the full ladder: ${this.#shortage()}`);
  }

  #promote(): void {
    this.#divide(this.bearableCores * PROMOTION_SHARE, true);
  }

  #cost(job: Job, level: number): number {
    const plan = job.request.plans[level];
    return plan === undefined ? 0 : this.#planCost(plan, job.request.source);
  }

  #planCost(plan: PlanLoad, source: PlanSource): number {
    return planCores(plan, source, this.#calibration ?? STANDARD_CALIBRATION) * this.#correction.ratio;
  }
}

function round(cores: number): number {
  return Math.round(cores * 1000) / 1000;
}
