import { useComputed, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { TallyFrame } from '../../rollcall/protocol/frames.ts';
import { teachText } from '../text/teach-text.ts';
import { momentText } from './moment-text.ts';
import type { TeacherConsole } from './teacher-console.ts';

/** Screen readers read the counts no more often than this, milliseconds. */
const SAY_EVERY_MS = 5000;

/** The newest call: its time, its counts and its answers. */
export function CallResults({ teacherConsole }: { readonly teacherConsole: TeacherConsole }): JSX.Element {
  const call = teacherConsole.current.call.value;
  const tally = teacherConsole.current.tally.value;
  const phase = teacherConsole.current.phase.value;
  const seconds = useComputed(() => Math.ceil(teacherConsole.current.leftMs.value / 1000));
  if (call === null) return <p class="soft">{teachText('none')}</p>;
  return (
    <div class="standing">
      <p class="asked">
        {call.prompt} <small class="asked-when">{momentText(call.atProgramTimeMs)}</small>
      </p>
      <p class={`phase phase-${phase}`}>
        {phase === 'open' && teachText('open', { count: seconds.value })}
        {phase === 'grace' && teachText('grace', { count: seconds.value })}
        {phase === 'over' && teachText('over')}
        {phase === 'open' && call.changeable === true && `. ${teachText('changing')}`}
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
  const { present, late, absent, replay, total, strangers, connected } = tally;
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
        {teachText('ofTotal', { count: total })}
        {strangers > 0 && ` · ${teachText('strangers', { count: strangers })}`} ·{' '}
        {teachText('connected', { count: connected })}
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
  const list = isHands
    ? [...teacherConsole.current.newest.value].reverse()
    : teacherConsole.current.newest.value;
  if (list.length === 0) return null;
  return (
    <div class="newest">
      <h3>{isHands ? teachText('hands') : teachText('newest')}</h3>
      <ul>
        {list.map(({ sub, name, beside, value }) => (
          <li key={sub}>
            <strong>{name}</strong> {beside !== undefined && <small>{beside}</small>} {value}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The counts for screen readers, at most every few seconds. */
function Spoken({ teacherConsole }: { readonly teacherConsole: TeacherConsole }): JSX.Element {
  const said = useSignal('');
  useEffect(() => {
    const timer = setInterval(() => {
      const tally = teacherConsole.current.tally.value;
      if (tally === null || teacherConsole.current.phase.value === 'over') return;
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
