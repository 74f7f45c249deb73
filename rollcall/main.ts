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
import { CallCommands } from './gateway/call-commands.ts';
import { ConnectionGate } from './gateway/connection-gate.ts';
import type { Identity } from './gateway/identity.ts';
import { addConnectionGauges, createRollCallMetrics } from './gateway/roll-call-metrics.ts';
import { Rooms } from './gateway/rooms.ts';
import { WebSocketGateway } from './gateway/web-socket-gateway.ts';
import { createClassApi } from './http/class-api.ts';
import { EventStreams } from './http/event-streams.ts';
import { createGuestsApi } from './http/guests-api.ts';
import { identify } from './http/identify.ts';
import { createRecordsApi } from './http/records-api.ts';
import { countRefusals } from './http/requests.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { AttendanceReporter } from './lesson/attendance-reporter.ts';
import { Lessons } from './lesson/lessons.ts';
import { OriginClient } from './lesson/origin-client.ts';

/** What the roll call is started with. */
export type RollCallDeps = {
  readonly config: LecternConfig;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly metrics: Metrics;
  /** Base URLs of the origins, without a slash at the end. */
  origins(): readonly string[];
};

/** How often rooms read the ledger, milliseconds. */
const TICK_MS = 100;
/** How often connections are checked for deadlines, milliseconds. */
const SWEEP_MS = 5000;
/** How long a stopping server waits for pending answers, and again for attendances; milliseconds. */
const DRAIN_MS = 3000;
const MINUTE_MS = 60_000;
/** How far back a watched minute may lie, because of start-over; milliseconds. */
const WATCHED_MAX_AGE_MS = 86_400_000;

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
  const steadyMs = (): number => performance.now();
  const channels = new Set(config.channels.map(({ id }) => id));
  const hasChannel = (channel: string): boolean => channels.has(channel);

  const ledger = await openLedger({ config, logger, nowMs });
  const metrics = createRollCallMetrics(deps.metrics);
  const rooms = new Rooms(ledger, nowMs, logger);
  const intake = new AnswerIntake(ledger, metrics, nowMs, logger);
  const origin = new OriginClient({ origins: deps.origins, secret, nowMs });
  const lessons = new Lessons({ ledger, origin, nowMs });
  const reporter = new AttendanceReporter({
    ...{ ledger, origin, lessons, nowMs, logger },
    configuredChannels: [...channels],
    activeChannels: () => rooms.channels(),
  });
  const commands = new CallCommands({
    ...{ ledger, nowMs },
    broadcastOf: (channel) => reporter.broadcastOf(channel),
    onChange: (call) => reporter.onChange(call),
  });
  const onWatched = (channel: string, identity: Identity, minute: number): boolean => {
    const aheadMs = minute * MINUTE_MS - nowMs();
    if (aheadMs > 0 || aheadMs < -WATCHED_MAX_AGE_MS) return false;
    ledger.noteWatched(channel, [{ ...rooms.room(channel).attendee(identity), minute }]);
    return true;
  };
  const gate = new ConnectionGate({
    admission: new Admission(rollCall.acceptPerSecond),
    maxConnections: rollCall.maxConnections,
    openConnections: () => gateway.size + streams.size,
    steadyMs,
  });
  const gateway = new WebSocketGateway({
    ...{ rooms, intake, commands, metrics, logger, gate, nowMs, steadyMs, hasChannel, onWatched },
    identify: (channel, token) => identify(secret, channel, token, nowMs()),
  });
  const streams = new EventStreams({ rooms, metrics, logger, nowMs, gate });
  const ticker = setInterval(() => rooms.tick(), TICK_MS);
  const sweeper = setInterval(() => gateway.sweep(), SWEEP_MS);
  addConnectionGauges(deps.metrics, {
    students: () => rooms.studentCount,
    teachers: () => rooms.teacherCount,
    webSockets: () => gateway.size,
    eventStreams: () => streams.size,
  });

  const router = Router();
  const auth = { secret, nowMs, hasChannel };
  const guests = rollCall.guests && config.access === 'open';
  router.use(createGuestsApi({ ...auth, guests, steadyMs }));
  router.use(createClassApi({ ...auth, rooms, intake, commands, streams, onWatched }));
  router.use(createRecordsApi({ ...auth, ledger, lessons }));
  router.use('/api/rollcall', countRefusals(metrics));

  return {
    name: 'rollcall',
    upgrade: (req, socket, head) => gateway.upgrade(req, socket, head),
    router,
    notReady: () => ledger.notReady(),
    stop: async () => {
      clearInterval(ticker);
      clearInterval(sweeper);
      gate.stop();
      gateway.sayBye();
      streams.stop();
      await waitAtMost(DRAIN_MS, intake.idle());
      gateway.closeAll();
      await waitAtMost(
        DRAIN_MS,
        reporter.stop().catch((error: unknown) => {
          logger.warn({ error: describeError(error) }, 'attendances cannot be submitted before the end');
        }),
      );
      await ledger.close();
    },
  };
}
