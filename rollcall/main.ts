import { Router } from 'express';
import type { LecternConfig } from '../config/schema.ts';
import type { Clock } from '../shared/clock.ts';
import { describeError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import type { Role } from '../shared/role.ts';
import { waitAtMost } from '../shared/wait-at-most.ts';
import { Admission } from './gateway/admission.ts';
import { AnswerIntake } from './gateway/answer-intake.ts';
import { Rooms } from './gateway/rooms.ts';
import { CallCommands } from './gateway/call-commands.ts';
import type { Identity } from './gateway/peer.ts';
import { addConnectionGauges, createRollCallMetrics } from './gateway/roll-call-metrics.ts';
import { WebSocketGateway } from './gateway/web-socket-gateway.ts';
import { EventStreams } from './http/event-streams.ts';
import { identify } from './http/identify.ts';
import { createRecordsApi } from './http/records-api.ts';
import { countRefusals } from './http/requests.ts';
import { createRollCallApi } from './http/roll-call-api.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { Lessons } from './lesson/lessons.ts';
import { OriginClient } from './lesson/origin-client.ts';
import { AttendanceReporter } from './lesson/attendance-reporter.ts';

/** What the roll call is started with. */
export type RollCallDeps = {
  readonly config: LecternConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Where the origins are reached, without a slash at the end. */
  origins(): readonly string[];
};

/** How often rooms look what is new, milliseconds. */
const TICK_MS = 100;
/** How often it is looked who is silent, milliseconds. */
const SWEEP_EVERY_MS = 5000;
/** Answers that are under way when the server stops have so long to become durable, milliseconds. */
const DRAIN_MS = 3000;
/** A minute that lies further ahead of the server's clock has not been watched. */
const MINUTE_MS = 60_000;
/** How far back a watched minute may lie: who watches in a start-over. */
const WATCHED_BACK_MS = 86_400_000;

/**
 * Starts the roll call: WebSockets at `/rollcall/{channel}`, and `/api/rollcall`.
 *
 * @throws {LedgerError} `bad-data-dir`, or `ledger-unavailable` where the ledger cannot be opened
 */
export async function startRollCall(deps: RollCallDeps): Promise<Role> {
  const { config, clock } = deps;
  const { secret, rollCall } = config;
  const logger = deps.logger.child({ role: 'rollcall' });
  const nowMs = (): number => clock.nowMs();
  const channels = new Set(config.channels.map(({ id }) => id));
  const hasChannel = (channel: string): boolean => channels.has(channel);

  const ledger = await openLedger({ config, logger, nowMs });
  const metrics = createRollCallMetrics(deps.metrics);
  const hall = new Rooms(ledger, nowMs, logger);
  const desk = new AnswerIntake(ledger, metrics, nowMs, logger);
  const link = new OriginClient({ origins: deps.origins, secret, nowMs });
  const lessons = new Lessons({ ledger, link, nowMs });
  const registrar = new AttendanceReporter({
    ...{ ledger, link, lessons, nowMs, logger },
    configured: [...channels],
    channels: () => hall.channels(),
  });
  const orders = new CallCommands({
    ...{ ledger, nowMs },
    broadcastOf: (channel) => registrar.broadcastOf(channel),
    onChange: (call) => registrar.onChange(call),
  });
  const onWatched = (channel: string, identity: Identity, minute: number): boolean => {
    const aheadMs = minute * MINUTE_MS - nowMs();
    if (aheadMs > 0 || aheadMs < -WATCHED_BACK_MS) return false;
    ledger.noteWatched(channel, [{ ...hall.room(channel).attendee(identity), minute }]);
    return true;
  };
  const steadyMs = (): number => performance.now();
  const { maxConnections, acceptPerSecond } = rollCall;
  const admission = new Admission(acceptPerSecond);
  const connections = (): number => gateway.size + streams.size;
  const gateway = new WebSocketGateway({
    ...{ hall, desk, orders, metrics, logger, nowMs, hasChannel, onWatched },
    ...{ steadyMs, admission, maxConnections, connections },
    identify: (channel, token) => identify(secret, channel, token, nowMs()),
  });
  const streams = new EventStreams({
    ...{ hall, metrics, logger, nowMs, steadyMs, admission, maxConnections, connections },
  });
  const ticker = setInterval(() => hall.tick(), TICK_MS);
  const sweeper = setInterval(() => gateway.sweep(), SWEEP_EVERY_MS);
  addConnectionGauges(deps.metrics, {
    students: () => hall.studentCount,
    teachers: () => hall.teacherCount,
    webSockets: () => gateway.size,
    eventStreams: () => streams.size,
  });

  const router = Router();
  const guests = rollCall.guests && config.access === 'open';
  router.use(
    createRollCallApi({
      ...{ hall, desk, orders, streams, secret, guests, nowMs, steadyMs, hasChannel, onWatched },
    }),
  );
  router.use(createRecordsApi({ ledger, lessons, secret, nowMs, hasChannel }));
  router.use('/api/rollcall', countRefusals(metrics));

  return {
    name: 'rollcall',
    upgrade: (req, socket, head) => gateway.upgrade(req, socket, head),
    router,
    notReady: () => ledger.notReady(),
    stop: async () => {
      clearInterval(ticker);
      clearInterval(sweeper);
      gateway.sayBye();
      streams.stop();
      await waitAtMost(DRAIN_MS, desk.idle());
      gateway.closeAll();
      await waitAtMost(
        DRAIN_MS,
        registrar.stop().catch((error: unknown) => {
          logger.warn({ error: describeError(error) }, 'the attendance could not be handed over');
        }),
      );
      await ledger.close();
    },
  };
}
