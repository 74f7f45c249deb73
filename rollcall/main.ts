import type { IncomingMessage } from 'node:http';
import { Router } from 'express';
import type { LecternConfig } from '../config/schema.ts';
import { awakeMs } from '../shared/awake-time.ts';
import { ClientAddresses } from '../shared/client-address.ts';
import type { Clock } from '../shared/clock.ts';
import { describeError } from '../shared/errors.ts';
import type { Logger } from '../shared/logger.ts';
import type { Metrics } from '../shared/metrics.ts';
import type { Role } from '../shared/role.ts';
import { waitAtMost } from '../shared/wait-at-most.ts';
import { AddressDoors } from './gateway/address-doors.ts';
import { Admission } from './gateway/admission.ts';
import { AnswerIntake } from './gateway/answer-intake.ts';
import { CallCommands } from './gateway/call-commands.ts';
import { ConnectionGate } from './gateway/connection-gate.ts';
import type { Identity } from './gateway/identity.ts';
import { addConnectionGauges, createRollCallMetrics } from './gateway/roll-call-metrics.ts';
import { Places } from './gateway/places.ts';
import { Rooms } from './gateway/rooms.ts';
import { WatchedClaims, type WatchedVerdict } from './gateway/watched-claims.ts';
import { WebSocketGateway } from './gateway/web-socket-gateway.ts';
import { createClassApi } from './http/class-api.ts';
import { EventStreams } from './http/event-streams.ts';
import { createGuestsApi } from './http/guests-api.ts';
import { identify } from './http/identify.ts';
import { createExportsApi } from './http/exports-api.ts';
import { createRecordsApi } from './http/records-api.ts';
import { createStudentDataApi } from './http/student-data-api.ts';
import { countRefusals } from './http/requests.ts';
import { openLedger } from './ledger/open-ledger.ts';
import { CurrentBroadcast } from './lesson/current-broadcast.ts';
import { SchoolTime } from './lesson/school-time.ts';
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
/** From one address, so many of the connections a second that are accepted: others always get the rest. */
const ADDRESS_SHARE = 0.5;

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
  // Silence is measured in time awake: after a pause of this process nobody was silent.
  const steadyMs = awakeMs;
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
  const claims = new WatchedClaims({ nowMs, steadyMs });
  const onWatched = (channel: string, identity: Identity, minute: number): WatchedVerdict => {
    const room = rooms.room(channel);
    const attendee = room.attendee(identity);
    const verdict = claims.judge(channel, attendee, minute, room.roster.entries.length);
    if (verdict.kind === 'counts') ledger.noteWatched(channel, [{ ...attendee, minute }]);
    return verdict;
  };
  const openConnections = (): number => gateway.size + streams.size;
  const { maxConnections, acceptPerSecond } = rollCall;
  const gate = new ConnectionGate({
    admission: new Admission(acceptPerSecond),
    addresses: new AddressDoors(Math.max(1, acceptPerSecond * ADDRESS_SHARE)),
    ...{ maxConnections, openConnections, steadyMs },
    makeRoom: () => gateway.closeOldestPending(),
  });
  const places = new Places({ maxConnections, openConnections, random: Math.random });
  const addresses = new ClientAddresses(config.http.trustedProxies, (proxy, message) => {
    logger.warn({ proxy }, message);
  });
  const clientAddress = (req: IncomingMessage): string | null => addresses.of(req);
  const gateway = new WebSocketGateway({
    ...{ rooms, intake, commands, metrics, logger, gate, nowMs, steadyMs, hasChannel, onWatched },
    ...{ places, clientAddress },
    identify: (channel, token) => {
      const identity = identify(secret, channel, token, nowMs());
      claims.heard(channel, identity.sub);
      return identity;
    },
  });
  const streams = new EventStreams({ rooms, metrics, logger, nowMs, gate, places, clientAddress });
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
  const current = new CurrentBroadcast(origin, nowMs);
  const titles = new Map(config.channels.map(({ id, title }) => [id, title]));
  const titleOf = (channel: string): string => titles.get(channel) ?? channel;
  const time = new SchoolTime(config.timeZone);
  const guests = rollCall.guests && config.access === 'open';
  const isShared = (channel: string, name: string): boolean => rooms.room(channel).roster.isShared(name);
  router.use(createGuestsApi({ ...auth, guests, steadyMs, clientAddress, isShared }));
  router.use(createClassApi({ ...auth, rooms, intake, commands, streams, current, onWatched }));
  router.use(createRecordsApi({ ...auth, ledger }));
  router.use(createExportsApi({ ...auth, ledger, lessons, rooms, current, time, titleOf }));
  router.use(
    createStudentDataApi({ ...auth, ledger, origin, onErased: (channel) => reporter.onErased(channel) }),
  );
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
