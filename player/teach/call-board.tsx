import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import type { TallyFrame } from '../../rollcall/protocol/frames.ts';
import { tt } from '../text/teach-text.ts';
import { type ComposedKind, Composer, TimeChoice, windowS } from './composer.tsx';
import type { TeachDesk } from './teacher-console.ts';

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
export function CallBoard({ desk }: { readonly desk: TeachDesk }): JSX.Element {
  const composing = useSignal<ComposedKind | null>(null);
  const phase = desk.phase.value;
  const callHere = (): void => {
    // Where a call is open the key is pressed twice by chance: it must not end what students are answering.
    if (desk.phase.value === 'open') return;
    composing.value = null;
    void desk.open({ kind: 'presence', prompt: tt('here'), windowMs: windowS() * 1000 });
  };
  const openedAt = useRef(0);
  // Before anybody can click what is drawn.
  useLayoutEffect(() => {
    openedAt.current = phase === 'open' ? performance.now() : 0;
  }, [phase, desk.call.value?.callId]);
  const end = (): void => {
    // The second click of a double click finds this button where the first one was.
    if (performance.now() - openedAt.current > JUST_OPENED_MS) void desk.close();
  };
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (isWriting(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
      const key = event.key.toUpperCase();
      const kind = KINDS.find(([known]) => known === key)?.[1];
      if (key === 'H') callHere();
      else if (key === 'E') end();
      else if (key === '+' || key === '=') void desk.extend();
      else if (kind !== undefined) composing.value = kind;
      else return;
      event.preventDefault();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, [desk]);
  return (
    <section class="card call-board" aria-labelledby="call-title">
      <h2 id="call-title">{tt('callTitle')}</h2>
      {/* One place for the thumb: it calls, or it ends what was called. */}
      {phase === 'open' ? (
        <div class="call-now">
          <button key="end" type="button" class="main-button end-button" onClick={end}>
            {tt('end')} <kbd>E</kbd>
          </button>
          <button type="button" class="plain-button" onClick={() => void desk.extend()}>
            {tt('more')} <kbd>+</kbd>
          </button>
        </div>
      ) : (
        <div class="call-now">
          <button
            key="call"
            type="button"
            class="main-button"
            disabled={desk.isBusy.value}
            onClick={callHere}
          >
            {tt('callHere')} <kbd>H</kbd>
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
                {tt(kind)} <kbd>{key}</kbd>
              </button>
            ))}
          </div>
        </div>
      )}
      {phase !== 'open' && composing.value === null && <TimeChoice />}
      {phase !== 'open' && (
        <Composer kind={composing} isBusy={desk.isBusy.value} onAsk={(question) => desk.open(question)} />
      )}
      <Fault desk={desk} />
      <Standing desk={desk} />
    </section>
  );
}

/** Whether keys are for a field: in a choice of times, or a field to copy from, nothing is written. */
function isWriting(target: EventTarget | null): boolean {
  if (target instanceof HTMLTextAreaElement) return true;
  return target instanceof HTMLInputElement && target.type === 'text' && !target.readOnly;
}

function Fault({ desk }: { readonly desk: TeachDesk }): JSX.Element | null {
  const code = desk.fault.value;
  if (code === null) return null;
  const known = KNOWN_FAULTS.find((candidate) => candidate === code);
  return (
    <p class="fault" role="alert">
      {known === undefined ? tt('fault.other', { code }) : tt(`fault.${known}`)}
    </p>
  );
}

function Standing({ desk }: { readonly desk: TeachDesk }): JSX.Element {
  const call = desk.call.value;
  const tally = desk.tally.value;
  const phase = desk.phase.value;
  const seconds = useComputed(() => Math.ceil(desk.leftMs.value / 1000));
  if (call === null) return <p class="soft">{tt('none')}</p>;
  return (
    <div class="standing">
      <p class="asked">{call.prompt}</p>
      <p class={`phase phase-${phase}`}>
        {phase === 'open' && tt('open', { count: seconds.value })}
        {phase === 'grace' && tt('grace', { count: seconds.value })}
        {phase === 'over' && tt('over')}
      </p>
      {tally !== null && <Counts tally={tally} />}
      {tally !== null && call.kind !== 'presence' && call.kind !== 'hand' && (
        <Bars tally={tally} choices={call.choices ?? null} />
      )}
      {tally !== null && <Speed tally={tally} />}
      {(call.kind === 'text' || call.kind === 'hand') && (
        <Newest desk={desk} isHands={call.kind === 'hand'} />
      )}
      <Spoken desk={desk} />
    </div>
  );
}

function Speed({ tally }: { readonly tally: TallyFrame }): JSX.Element | null {
  const { reactionP50Ms, reactionP90Ms } = tally;
  if (reactionP50Ms === null || reactionP90Ms === null) return null;
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);
  return <p class="soft">{tt('fast', { p50: seconds(reactionP50Ms), p90: seconds(reactionP90Ms) })}</p>;
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
        {tt('ofTotal', { count: total })} · {tt('connected', { count: connected })}
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
      <dt>{tt(props.name)}</dt>
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

function Newest(props: { readonly desk: TeachDesk; readonly isHands: boolean }): JSX.Element | null {
  const { desk, isHands } = props;
  const list = isHands ? desk.newest.value.toReversed() : desk.newest.value;
  if (list.length === 0) return null;
  return (
    <div class="newest">
      <h3>{isHands ? tt('hands') : tt('newest')}</h3>
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
function Spoken({ desk }: { readonly desk: TeachDesk }): JSX.Element {
  const said = useSignal('');
  useEffect(() => {
    const timer = setInterval(() => {
      const tally = desk.tally.value;
      if (tally === null || desk.phase.value === 'over') return;
      said.value = `${tally.present} ${tt('present')}, ${tally.late} ${tt('late')}, ${tally.absent} ${tt('absent')}`;
    }, SAY_EVERY_MS);
    return () => clearInterval(timer);
  }, [desk]);
  return (
    <p class="hidden" role="status" aria-live="polite">
      {said.value}
    </p>
  );
}
