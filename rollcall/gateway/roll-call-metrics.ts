import { Counter, Histogram } from 'prom-client';
import { addGauge, type Metrics } from '../../shared/metrics.ts';

/** What the roll call counts. */
export type RollCallMetrics = {
  /** @param seconds from an answer's arrival to its ack */
  acknowledged(seconds: number, kind: 'stands' | 'duplicate'): void;
  /** An answer or an order was refused, by code. */
  refused(code: string): void;
  /** A connection was closed by us, by the reason. */
  dropped(reason: string): void;
  /** A connection was sent away before it began. */
  sentAway(): void;
};

/** Registers the roll call's metrics. */
export function createRollCallMetrics(metrics: Metrics): RollCallMetrics {
  const registers = [metrics];
  const answers = new Counter({
    name: 'lectern_rollcall_answers_total',
    help: 'Answers that were acknowledged: those that stand, and duplicates',
    labelNames: ['kind'] as const,
    registers,
  });
  const latency = new Histogram({
    name: 'lectern_rollcall_ack_seconds',
    help: 'From the arrival of an answer to its durable ack',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  const refusals = new Counter({
    name: 'lectern_rollcall_refused_total',
    help: 'Frames and requests that were refused, by code',
    labelNames: ['code'] as const,
    registers,
  });
  const drops = new Counter({
    name: 'lectern_rollcall_dropped_total',
    help: 'Connections that were closed by the gateway, by reason',
    labelNames: ['reason'] as const,
    registers,
  });
  const away = new Counter({
    name: 'lectern_rollcall_sent_away_total',
    help: 'Connections that were one too many for the moment',
    registers,
  });
  return {
    acknowledged: (seconds, kind) => {
      answers.inc({ kind });
      latency.observe(seconds);
    },
    refused: (code) => refusals.inc({ code }),
    dropped: (reason) => drops.inc({ reason }),
    sentAway: () => away.inc(),
  };
}

/** Registers the gauges of what is connected now. */
export function addConnectionGauges(
  metrics: Metrics,
  read: { students(): number; teachers(): number; webSockets(): number; eventStreams(): number },
): void {
  addGauge(metrics, 'lectern_rollcall_students', 'Students who are connected', () => read.students());
  addGauge(metrics, 'lectern_rollcall_teachers', 'Teachers who are connected', () => read.teachers());
  addGauge(metrics, 'lectern_rollcall_web_sockets', 'WebSockets that are open', () => read.webSockets());
  addGauge(metrics, 'lectern_rollcall_event_streams', 'Event streams that are open', () =>
    read.eventStreams(),
  );
}
