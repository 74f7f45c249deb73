import type { FlvTag } from '../../media/flv/flv-tag.ts';
import { readLineTag } from '../../media/flv/line-tag.ts';
import { awakeMs } from '../../shared/awake-time.ts';
import type { FeedReport } from '../../shared/feed-report.ts';
import { worstOf } from '../../shared/stage-lags.ts';
import type { TranscodeSession } from '../transcode-session.ts';
import type { Uplink } from '../uplink/uplink.ts';
import { feedReportOf } from './feed-report-of.ts';
import { LineAge } from './line-age.ts';
import { ReportSender, type ReportSenderOptions } from './report-sender.ts';

/** What the report of a broadcast is made from. */
export type BroadcastReportOptions = Omit<ReportSenderOptions, 'feed' | 'report'> & {
  readonly session: Pick<TranscodeSession, 'status'>;
  readonly uplink: Pick<Uplink, 'feed' | 'unsentMs'>;
  /** Time in which this process was awake, milliseconds; for tests. */
  readonly awakeMs?: () => number;
};

/** Ingest writes its clock twice a second: when it has not for this long, it stands still. Milliseconds. */
const STALLED_MS = 1200;

/** Says how late one broadcast is at each stage up to its origins, and tells each of them once a second. */
export class BroadcastReport {
  readonly #options: BroadcastReportOptions;
  readonly #line = new LineAge();
  readonly #sender: ReportSender;
  readonly #awakeMs: () => number;
  /** When ingest last wrote its clock, in this process's time awake; null before the first time. */
  #heardMs: number | null = null;

  constructor(options: BroadcastReportOptions) {
    this.#options = options;
    this.#awakeMs = options.awakeMs ?? awakeMs;
    this.#sender = new ReportSender({
      ...options,
      feed: options.uplink.feed,
      report: (origin) => this.at(origin, options.nowMs()),
    });
  }

  /** Takes a script tag of the source; only line tags count. */
  takeScript(tag: FlvTag): void {
    const ingestMs = readLineTag(tag.data)?.nowMs ?? null;
    if (ingestMs === null) return;
    this.#heardMs = this.#awakeMs();
    const nowMs = this.#options.nowMs();
    this.#line.take(ingestMs, this.#options.session.status(nowMs).lagMs.source, nowMs);
  }

  /** The report for one origin, at `nowMs` (UTC milliseconds). */
  at(origin: string, nowMs: number): FeedReport {
    const status = this.#options.session.status(nowMs);
    const line = this.#line.at(status.lagMs.source, nowMs);
    const isStalled = this.#heardMs !== null && this.#awakeMs() - this.#heardMs > STALLED_MS;
    const report = feedReportOf(status, line, this.#options.uplink.unsentMs(origin), nowMs);
    return isStalled ? { ...report, sourceStalled: true } : report;
  }

  /** The report for the origin that is furthest behind. Null without any origin. */
  worst(nowMs: number): FeedReport | null {
    const reports = this.#options.origins.map((origin) => this.at(origin, nowMs));
    return reports.toSorted((a, b) => (b.lagMs.uplink ?? 0) - (a.lagMs.uplink ?? 0))[0] ?? null;
  }

  /** Media that each origin was not sent yet, milliseconds; the most of all tracks. */
  unsentMs(): Map<string, number> {
    const { origins, uplink } = this.#options;
    return new Map(origins.map((origin) => [origin, worstOf(...uplink.unsentMs(origin).values()) ?? 0]));
  }

  /** Sends no more reports. */
  stop(): void {
    this.#sender.stop();
  }
}
