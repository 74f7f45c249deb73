import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { TallyFrame } from '../../rollcall/protocol/frames.ts';
import { teachText } from '../text/teach-text.ts';
import { type ComposedKind, Composer, TimeChoice, windowS } from './composer.tsx';
import type { TeacherConsole } from './teacher-console.ts';

const KINDS: readonly (readonly [key: string, kind: ComposedKind])[] = [
  ['C', 'choice'],
  ['N', 'number'],
  ['T', 'text'],
  ['R', 'hand'],
];
const KNOWN_FAULTS = ['unreachable', 'call-over', 'call-open', 'ledger-unavailable', 'bad-input'] as const;
/** A call that was opened less than this ago is not ended by chance, milliseconds. */
const JUST_OPENED_MS = 800;
/** Screen readers are told the counts no more often than this, milliseconds. */
const SAY_EVERY_MS = 5000;

/** Calling the roll, and what comes of it. */
export function CallBoard({ teacherConsole }: { readonly teacherConsole: TeacherConsole }): JSX.Element {
  const composing = useSignal<ComposedKind | null>(null);
  const phase = teacherConsole.phase.value;
  const callHere = (): void => {
    // Where a call is open the key is pressed twice by chance: it must not end what students are answering.
    if (teacherConsole.phase.value === 'open') return;
    composing.value = null;
    void teacherConsole.open({ kind: 'presence', prompt: teachText('here'), windowMs: windowS() * 1000 });
  };
  const openedAt = useRef(0);
  // Before anybody can click what is drawn.
  useLayoutEffect(() => {
    openedAt.current = phase === 'open' ? performance.now() : 0;
  }, [phase, teacherConsole.call.value?.callId]);
  const end = (): void => {
    // The second click of a double click finds this button where the first one was.
    if (performance.now() - openedAt.current > JUST_OPENED_MS) void teacherConsole.close();
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isWriting(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const key = event.key.toUpperCase();
      const kind = KINDS.find(([known]) => known === key)?.[1];
      if (key === 'H') callHere();
      else if (key === 'E') end();
      else if (key === '+' || key === '=') void teacherConsole.extend();
      else if (kind !== undefined) composing.value = kind;
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [teacherConsole]);
  return (
    <section class="card call-board" aria-labelledby="call-title">
      <h2 id="call-title">{teachText('callTitle')}</h2>
      {/* One place for the thumb: it calls, or it ends what was called. */}
      {phase === 'open' ? (
        <div class="call-now">
          <button key="end" type="button" class="main-button end-button" onClick={end}>
            {teachText('end')} <kbd>E</kbd>
          </button>
          <button type="button" class="plain-button" onClick={() => void teacherConsole.extend()}>
            {teachText('more')} <kbd>+</kbd>
          </button>
        </div>
      ) : (
        <div class="call-now">
          <button
            key="call"
            type="button"
            class="main-button"
            disabled={teacherConsole.isBusy.value}
            onClick={callHere}
          >
            {teachText('callHere')} <kbd>H</kbd>
          </button>
          <div class="call-kinds" role="group">
            {KINDS.map(([key, kind]) => (
              <button
                key={kind}
                type="button"
                class="plain-button"
                aria-expanded={composing.value === kind}
                onClick={() => {
                  composing.value = composing.value === kind ? null : kind;
                }}
              >
                {teachText(kind)} <kbd>{key}</kbd>
              </button>
            ))}
          </div>
        </div>
      )}
      {phase !== 'open' && composing.value === null && <TimeChoice />}
      {phase !== 'open' && (
        <Composer
          kind={composing}
          isBusy={teacherConsole.isBusy.value}
          onAsk={(question) => teacherConsole.open(question)}
        />
      )}
      <Fault teacherConsole={teacherConsole} />
      <Standing teacherConsole={teacherConsole} />
    </section>
  );
}

/** Whether keys are for a field: in a choice of times, or a field to copy from, nothing is written. */
function isWriting(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && target.type === 'text' && !target.readOnly;
}

function Fault({ teacherConsole }: { readonly teacherConsole: TeacherConsole }): JSX.Element | null {
  const code = teacherConsole.fault.value;
  if (code === null) return null;
  const known = KNOWN_FAULTS.find((candidate) => candidate === code);
  return (
    <p class="fault" role="alert">
      {known === undefined ? teachText('fault.other', { code }) : teachText(`fault.${known}`)}
    </p>
  );
}

function Standing({ teacherConsole }: { readonly teacherConsole: TeacherConsole }): JSX.Element {
  const call = teacherConsole.call.value;
  const tally = teacherConsole.tally.value;
  const phase = teacherConsole.phase.value;
  const seconds = useComputed(() => Math.ceil(teacherConsole.leftMs.value / 1000));
  if (call === null) return <p class="soft">{teachText('none')}</p>;
  return (
    <div class="standing">
      <p class="asked">{call.prompt}</p>
      <p class={`phase phase-${phase}`}>
        {phase === 'open' && teachText('open', { count: seconds.value })}
        {phase === 'grace' && teachText('grace', { count: seconds.value })}
        {phase === 'over' && teachText('over')}
      </p>
      {tally !== null && <Counts tally={tally} />}
      {tally !== null && call.kind !== 'presence' && call.kind !== 'hand' && (
        <Bars tally={tally} choices={call.choices ?? null} />
      )}
      {tally !== null && <Speed tally={tally} />}
      {(call.kind === 'text' || call.kind === 'hand') && (
        <Newest teacherConsole={teacherConsole} isHands={call.kind === 'hand'} />
      )}
      <Spoken teacherConsole={teacherConsole} />
    </div>
  );
}

function Speed({ tally }: { readonly tally: TallyFrame }): JSX.Element | null {
  const { reactionP50Ms, reactionP90Ms } = tally;
  if (reactionP50Ms === null || reactionP90Ms === null) return null;
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  return (
    <p class="soft">{teachText('fast', { p50: seconds(reactionP50Ms), p90: seconds(reactionP90Ms) })}</p>
  );
}

function Counts({ tally }: { readonly tally: TallyFrame }): JSX.Element {
  const { present, late, absent, replay, total, connected } = tally;
  const share = (count: number): string => `${total > 0 ? Math.min(100, (100 * count) / total) : 0}%`;
  return (
    <>
      <dl class="counts">
        <Count name="present" value={present} />
        <Count name="late" value={late} />
        <Count name="absent" value={absent} />
        {replay > 0 && <Count name="replay" value={replay} />}
      </dl>
      <div class="stack" aria-hidden="true">
        <span class="stack-present" style={{ width: share(present) }} />
        <span class="stack-late" style={{ width: share(late) }} />
      </div>
      <p class="soft counts-of">
        {teachText('ofTotal', { count: total })} · {teachText('connected', { count: connected })}
      </p>
    </>
  );
}

function Count(props: {
  readonly name: 'present' | 'late' | 'absent' | 'replay';
  readonly value: number;
}): JSX.Element {
  return (
    <div class={`count count-${props.name}`}>
      <dd>{props.value}</dd>
      <dt>{teachText(props.name)}</dt>
    </div>
  );
}

function Bars(props: {
  readonly tally: TallyFrame;
  readonly choices: readonly string[] | null;
}): JSX.Element | null {
  const { tally, choices } = props;
  const rows =
    choices === null
      ? tally.values.map(({ value, count }) => ({ label: String(value), count }))
      : choices.map((label, i) => ({
          label,
          count: tally.values.find(({ value }) => value === i)?.count ?? 0,
        }));
  const most = Math.max(1, ...rows.map(({ count }) => count));
  if (rows.length === 0) return null;
  return (
    <ul class="bars">
      {rows.map(({ label, count }) => (
        <li key={label}>
          <span class="bar-label">{label}</span>
          <span class="bar-line" aria-hidden="true">
            <span style={{ width: `${(100 * count) / most}%` }} />
          </span>
          <span class="bar-count">{count}</span>
        </li>
      ))}
    </ul>
  );
}

function Newest(props: {
  readonly teacherConsole: TeacherConsole;
  readonly isHands: boolean;
}): JSX.Element | null {
  const { teacherConsole, isHands } = props;
  const list = isHands ? teacherConsole.newest.value.toReversed() : teacherConsole.newest.value;
  if (list.length === 0) return null;
  return (
    <div class="newest">
      <h3>{isHands ? teachText('hands') : teachText('newest')}</h3>
      <ul>
        {list.map(({ sub, name, value }) => (
          <li key={sub}>
            <strong>{name}</strong> {value}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The counts for who cannot see them: now and then, and not four times a second. */
function Spoken({ teacherConsole }: { readonly teacherConsole: TeacherConsole }): JSX.Element {
  const said = useSignal('');
  useEffect(() => {
    const timer = setInterval(() => {
      const tally = teacherConsole.tally.value;
      if (tally === null || teacherConsole.phase.value === 'over') return;
      said.value = `${tally.present} ${teachText('present')}, ${tally.late} ${teachText('late')}, ${tally.absent} ${teachText('absent')}`;
    }, SAY_EVERY_MS);
    return () => clearInterval(timer);
  }, [teacherConsole]);
  return (
    <p class="hidden" role="status" aria-live="polite">
      {said.value}
    </p>
  );
}
