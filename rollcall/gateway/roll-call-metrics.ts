import { Counter, Histogram } from 'prom-client';
import { addGauge, type Metrics } from '../../shared/metrics.ts';

/** Counters and times of the roll call. */
export type RollCallMetrics = {
  /** @param seconds from an answer's arrival to its ack */
  acknowledged(seconds: number, kind: 'stands' | 'duplicate'): void;
  /** A frame or a request was refused, by error code. */
  refused(code: string): void;
  /** The gateway closed a connection, by reason. */
  dropped(reason: string): void;
  /** A connection was refused before it was opened. */
  connectionRefused(): void;
};

/** Registers the roll call's metrics. */
export function createRollCallMetrics(metrics: Metrics): RollCallMetrics {
  const registers = [metrics];
  const answers = new Counter({
    name: 'lectern_rollcall_answers_total',
    help: 'Acknowledged answers: those that count, and duplicates',
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
  const closed = new Counter({
    name: 'lectern_rollcall_dropped_total',
    help: 'Connections that the gateway closed, by reason',
    labelNames: ['reason'] as const,
    registers,
  });
  const refusedConnections = new Counter({
    name: 'lectern_rollcall_sent_away_total',
    help: 'Connections that were refused because too many are open or arrive',
    registers,
  });
  return {
    acknowledged: (seconds, kind) => {
      answers.inc({ kind });
      latency.observe(seconds);
    },
    refused: (code) => refusals.inc({ code }),
    dropped: (reason) => closed.inc({ reason }),
    connectionRefused: () => refusedConnections.inc(),
  };
}

/** Registers the gauges of connections. */
export function addConnectionGauges(
  metrics: Metrics,
  read: { students(): number; teachers(): number; webSockets(): number; eventStreams(): number },
): void {
  addGauge(metrics, 'lectern_rollcall_students', 'Connected students', () => read.students());
  addGauge(metrics, 'lectern_rollcall_teachers', 'Connections of teachers and operators', () =>
    read.teachers(),
  );
  addGauge(metrics, 'lectern_rollcall_web_sockets', 'Open WebSockets', () => read.webSockets());
  addGauge(metrics, 'lectern_rollcall_event_streams', 'Open event streams', () => read.eventStreams());
}
