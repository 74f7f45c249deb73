import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { teachText } from '../text/teach-text.ts';
import { type CallStudent, readStudents } from './teach-api.ts';
import type { TeacherConsole } from './teacher-console.ts';

const SHOWS = ['missing', 'present', 'late', 'strangers', 'all'] as const;
const PAGE = 50;
/** How often the list is loaded while answers arrive, milliseconds. */
const EVERY_MS = 1500;

/** Who answered the newest call and who did not, by name, a page at a time. */
export function People({ teacherConsole }: { readonly teacherConsole: TeacherConsole }): JSX.Element | null {
  const show = useSignal<(typeof SHOWS)[number]>('missing');
  const from = useSignal(0);
  const page = useSignal<{ readonly total: number; readonly students: readonly CallStudent[] } | null>(null);
  const callId = teacherConsole.current.call.value?.callId;
  const isMoving =
    teacherConsole.current.phase.value === 'open' || teacherConsole.current.phase.value === 'grace';
  useEffect(() => {
    from.value = 0;
    page.value = null;
  }, [callId]);
  useEffect(() => {
    if (callId === undefined) return undefined;
    let isHere = true;
    let isAsking = false;
    const ask = async (): Promise<void> => {
      if (isAsking) return;
      isAsking = true;
      const reply = await teacherConsole.ask(
        `/calls/${callId}/students?show=${show.value}&from=${from.value}&count=${PAGE}`,
      );
      isAsking = false;
      if (!isHere || reply.kind !== 'ok') return;
      page.value = readStudents(reply.value);
      // Students have answered meanwhile: the shown page no longer exists.
      const total = page.value?.total ?? 0;
      if (from.value > 0 && from.value >= total) from.value = Math.max(0, Math.ceil(total / PAGE) - 1) * PAGE;
    };
    void ask();
    const timer = isMoving ? setInterval(() => void ask(), EVERY_MS) : undefined;
    return () => {
      isHere = false;
      clearInterval(timer);
    };
  }, [teacherConsole, callId, isMoving, show.value, from.value]);
  if (callId === undefined) return null;
  // Without a class list nobody is a stranger.
  const hasList = (teacherConsole.lesson.value?.rosterSize ?? 0) > 0;
  const { total, students } = page.value ?? { total: 0, students: [] };
  return (
    <section class="card people" aria-labelledby="people-title">
      <h2 id="people-title">{teachText('people')}</h2>
      <div class="tabs" role="group" aria-labelledby="people-title">
        {SHOWS.filter((name) => name !== 'strangers' || hasList).map((name) => (
          <button
            key={name}
            type="button"
            class="plain-button"
            aria-pressed={show.value === name}
            onClick={() => {
              show.value = name;
              from.value = 0;
            }}
          >
            {teachText(`show.${name}`)}
          </button>
        ))}
      </div>
      {students.length === 0 && <p class="soft">{teachText('nobody')}</p>}
      <ul class="names">
        {students.map(({ id, name, group, beside, status, value }) => (
          <li key={id}>
            <span class={`mark mark-${status}`} aria-hidden="true" />
            <span>{name}</span>
            {beside !== '' && beside !== group && <small>{beside}</small>}
            {group !== '' && <small>{group}</small>}
            {show.value === 'all' && <small>{teachText(status)}</small>}
            {value !== null && <small>{answerText(value, teacherConsole.current.call.value?.choices)}</small>}
          </li>
        ))}
      </ul>
      {total > PAGE && (
        <div class="pager">
          <button
            type="button"
            class="plain-button"
            disabled={from.value === 0}
            onClick={() => {
              from.value = Math.max(0, from.value - PAGE);
            }}
          >
            {teachText('previous')}
          </button>
          <span>{teachText('page', { from: from.value + 1, to: from.value + students.length, total })}</span>
          <button
            type="button"
            class="plain-button"
            disabled={from.value + PAGE >= total}
            onClick={() => {
              from.value += PAGE;
            }}
          >
            {teachText('next')}
          </button>
        </div>
      )}
    </section>
  );
}

/** An answer as the student saw it. */
function answerText(value: string | number, choices: readonly string[] | undefined): string {
  return (typeof value === 'number' ? choices?.[value] : undefined) ?? String(value);
}
