import { onTold, programOptions, tell } from '../start/program.ts';
import type { CrowdOptions } from './crowd-options.ts';
import { DIALECTS, tapped } from './dialect.ts';
import { clientFrame, patchFrame, RawWebSocket, type RawWebSocketOwner } from './raw-web-socket.ts';
import { quickToken } from './tokens.ts';

const options = programOptions() as CrowdOptions;
const { targets, channel, secret, first, count, sources } = options;
const dialect = DIALECTS[options.dialect];
const now = (): number => performance.timeOrigin + performance.now();

/** Connections that may be under way at once while the crowd gathers: fewer than a listen queue holds. */
const UNDER_WAY_MOST = 256;
const PING_EVERY_S = 25;
const BACK_BASE_MS = 1000;
const BACK_MOST_MS = 30_000;

/** The answer to the newest call, made once: only the id differs from student to student. */
type Prepared = {
  readonly callId: string;
  readonly payload: Buffer;
  readonly frame: Buffer;
  readonly idAt: number;
};

let prepared: Prepared | null = null;
const calledAtMs = new Float64Array(count).fill(Number.NaN);
const ackedAtMs = new Float64Array(count).fill(Number.NaN);
const backAfterMs = new Float64Array(count).fill(Number.NaN);
let acked = 0;
let odd = 0;
let lost = 0;
let welcomed = 0;
let underWay = 0;
let droppedAtMs = Number.NaN;
const storm = { refusals: 0, refusedAgain: 0, beyondMs: 0, broken: 0 };
let busy = { atMs: 0, cpu: process.cpuUsage(), share: 0 };
const ping = clientFrame(dialect.write({ type: 'ping' }));

class Student implements RawWebSocketOwner {
  readonly #index: number;
  readonly #token: string;
  readonly #id: string;
  #line: RawWebSocket | null = null;
  #isWelcome = false;
  #tries = 0;
  /** When she was first told to be back; NaN while she was not sent away. */
  #dueMs = Number.NaN;

  constructor(index: number) {
    this.#index = index;
    const sub = `student-${first + index}`;
    this.#id = (first + index).toString(36).padStart(5, '0');
    this.#token = quickToken(secret, {
      ...{ sub, name: `学生 ${first + index}`, channel, role: 'student' },
      exp: Math.floor(Date.now() / 1000) + 86_400,
    });
  }

  connect(): void {
    underWay++;
    const target = targets[this.#index % targets.length];
    if (target === undefined) return;
    const localAddress = sources[this.#index % sources.length] ?? null;
    this.#line = new RawWebSocket({ ...target, path: dialect.path(channel), localAddress }, this);
  }

  ping(): void {
    if (this.#isWelcome) this.#line?.send(ping);
  }

  drop(): void {
    this.#line?.destroy();
    if (this.#isWelcome) welcomed--;
    else underWay--;
    this.#isWelcome = false;
    this.#tries = 0;
    this.#dueMs = Number.NaN;
    this.#comeBack(0);
  }

  onOpen(): void {
    const hello = dialect.hello(this.#token);
    if (hello !== null) this.#line?.send(clientFrame(hello));
  }

  onText(payload: Buffer): void {
    if (prepared !== null && payload.equals(prepared.payload)) {
      this.#answer(prepared);
      return;
    }
    const { frame, reply } = dialect.read(payload.toString('utf8'), this.#token);
    if (reply !== null) this.#line?.send(clientFrame(reply));
    if (frame === null) return;
    const said = JSON.parse(frame) as { readonly type: string; readonly [member: string]: unknown };
    if (said.type === 'ack') this.#acked(said);
    else if (said.type === 'call') {
      prepare(String(said['callId']), Number(said['atProgramTimeMs']), payload);
      if (prepared !== null) this.#answer(prepared);
    } else if (said.type === 'welcome') this.#welcome();
    else if (said.type === 'refused') odd++;
  }

  onRefused(status: number, retryAfterS: number | null): void {
    underWay--;
    const nowMs = now();
    if (status === 503 && retryAfterS !== null) {
      storm.refusals++;
      if (Number.isNaN(this.#dueMs)) this.#dueMs = nowMs + retryAfterS * 1000;
      else {
        storm.refusedAgain++;
        storm.beyondMs = Math.max(storm.beyondMs, nowMs - this.#dueMs);
      }
    } else storm.broken++;
    this.#comeBack((retryAfterS ?? 0) * 1000);
  }

  onGone(): void {
    if (this.#isWelcome) {
      lost++;
      welcomed--;
    } else {
      underWay--;
      storm.broken++;
    }
    this.#isWelcome = false;
    this.#comeBack(0);
  }

  /** Full jitter, and not before the server wants her. */
  #comeBack(leastMs: number): void {
    const jitterMs = Math.random() * Math.min(BACK_MOST_MS, BACK_BASE_MS * 2 ** this.#tries);
    this.#tries++;
    setTimeout(() => this.connect(), Math.max(leastMs, jitterMs));
  }

  #welcome(): void {
    if (this.#isWelcome) return;
    this.#isWelcome = true;
    this.#tries = 0;
    underWay--;
    welcomed++;
    backAfterMs[this.#index] = now() - droppedAtMs;
    if (welcomed === count) {
      if (Number.isNaN(droppedAtMs)) tell({ kind: 'gathered' });
      else tell({ kind: 'back', backAfterMs, ...storm });
    }
  }

  #answer({ frame, idAt }: Prepared): void {
    calledAtMs[this.#index] = now();
    const own = Buffer.from(frame);
    patchFrame(own, idAt, this.#id);
    this.#line?.send(own);
  }

  #acked(ack: Readonly<Record<string, unknown>>): void {
    if (ack['callId'] !== prepared?.callId) return;
    const isMine = String(ack['answerId']).startsWith(this.#id);
    if (!isMine || ack['status'] !== 'present' || ack['duplicate'] !== false) odd++;
    ackedAtMs[this.#index] = now();
    acked++;
    if (acked < count) return;
    const cpu = process.cpuUsage(busy.cpu);
    busy.share = (cpu.user + cpu.system) / 1000 / (now() - busy.atMs);
    tell({ kind: 'acked' });
  }
}

function prepare(callId: string, atProgramTimeMs: number, payload: Buffer): void {
  if (prepared?.callId === callId) return;
  const text = dialect.write(tapped(callId, atProgramTimeMs, `00000-${callId.slice(-6)}`));
  // The payload is in the buffer that all sockets share: it is kept.
  const idAt = text.indexOf(`00000-${callId.slice(-6)}`);
  prepared = { callId, payload: Buffer.from(payload), frame: clientFrame(text), idAt };
  calledAtMs.fill(Number.NaN);
  ackedAtMs.fill(Number.NaN);
  acked = 0;
  odd = 0;
  busy = { atMs: now(), cpu: process.cpuUsage(), share: Number.NaN };
}

const students = Array.from({ length: count }, (_, index) => new Student(index));

let begun = 0;
let startedMs = Number.NaN;
function gather(): void {
  const due = Math.min(count, Math.ceil(((now() - startedMs) / 1000) * options.connectPerSecond));
  while (begun < due && underWay < UNDER_WAY_MOST) students[begun++]?.connect();
  if (begun < count) setTimeout(gather, 10);
}

let second = 0;
setInterval(() => {
  second++;
  if (options.dialect !== 'lectern') return;
  for (let i = second % PING_EVERY_S; i < count; i += PING_EVERY_S) students[i]?.ping();
}, 1000);

onTold(({ kind }) => {
  if (kind === 'gather') {
    startedMs = now();
    gather();
  } else if (kind === 'drop') {
    droppedAtMs = now();
    Object.assign(storm, { refusals: 0, refusedAgain: 0, beyondMs: 0, broken: 0 });
    for (const student of students) student.drop();
  } else if (kind === 'report') {
    tell({ kind: 'answers', calledAtMs, ackedAtMs, odd, lost, busy: busy.share });
    lost = 0;
  }
});
tell({ kind: 'ready' });
