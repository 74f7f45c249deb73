import type { JSX } from 'preact';
import { teachText } from '../text/teach-text.ts';
import { clockText, dayText } from './moment-text.ts';
import { download, type LessonCall } from './teach-api.ts';
import type { TeacherConsole } from './teacher-console.ts';

/** Most calls of each list. */
const CALLS_MAX = 20;

/** The calls of this lesson with their downloads, and apart from them those of earlier lessons, by day. */
export function HistoryCard({
  teacherConsole,
}: {
  readonly teacherConsole: TeacherConsole;
}): JSX.Element | null {
  const lesson = teacherConsole.lesson.value;
  const calls = lesson?.calls ?? [];
  const now = calls.filter(({ isOfThisLesson }) => isOfThisLesson);
  const earlier = calls.filter(({ isOfThisLesson }) => !isOfThisLesson);
  if (lesson === null || (calls.length === 0 && lesson.startMs === null)) return null;
  const startMs = lesson.startMs ?? now.at(-1)?.call.atProgramTimeMs ?? null;
  return (
    <section class="card" aria-labelledby="history-title">
      <h2 id="history-title">{teachText('historyTitle')}</h2>
      {startMs !== null && <p class="soft history-day">{dayText(startMs)}</p>}
      {now.length === 0 && <p class="soft">{teachText('none')}</p>}
      <ul class="history">
        {now.slice(0, CALLS_MAX).map((one) => (
          <CallLine key={one.call.callId} teacherConsole={teacherConsole} one={one} />
        ))}
      </ul>
      {startMs !== null && <LessonFiles teacherConsole={teacherConsole} query="" />}
      {earlier.length > 0 && (
        <details class="past-calls">
          <summary>{teachText('historyEarlier')}</summary>
          {byLesson(earlier.slice(0, CALLS_MAX)).map((own) => {
            const { callId, atProgramTimeMs } = own[0].call;
            return (
              <div key={callId} class="past-lesson">
                <h3>{dayText(atProgramTimeMs)}</h3>
                <ul class="past-list">
                  {own.map((one) => (
                    <CallLine key={one.call.callId} teacherConsole={teacherConsole} one={one} />
                  ))}
                </ul>
                <LessonFiles teacherConsole={teacherConsole} query={`?call=${callId}`} />
              </div>
            );
          })}
        </details>
      )}
    </section>
  );
}

function CallLine(props: { readonly teacherConsole: TeacherConsole; readonly one: LessonCall }): JSX.Element {
  const { teacherConsole, one } = props;
  const { call, tally } = one;
  const { present, late, absent, strangers } = tally;
  return (
    <li>
      <span class="history-when">{clockText(call.atProgramTimeMs)}</span>
      <span class="history-what">{call.prompt}</span>
      <span class="history-counts">
        {present} {teachText('present')}, {late} {teachText('late')}, {absent} {teachText('absent')}
        {strangers > 0 && `, ${teachText('strangers', { count: strangers })}`}
      </span>
      <FileButton
        teacherConsole={teacherConsole}
        path={`/calls/${call.callId}/answers.xlsx`}
        text={teachText('answersFile')}
      />
    </li>
  );
}

function LessonFiles(props: {
  readonly teacherConsole: TeacherConsole;
  readonly query: string;
}): JSX.Element {
  const { teacherConsole, query } = props;
  return (
    <div class="row">
      <FileButton
        teacherConsole={teacherConsole}
        path={`/attendance.xlsx${query}`}
        text={teachText('attendanceFile')}
      />
      <FileButton
        teacherConsole={teacherConsole}
        path={`/attendance.csv${query}`}
        text={teachText('attendanceCsv')}
      />
    </div>
  );
}

function FileButton(props: {
  readonly teacherConsole: TeacherConsole;
  readonly path: string;
  readonly text: string;
}): JSX.Element {
  const { teacherConsole, path, text } = props;
  const { channel, token } = teacherConsole;
  return (
    <button
      type="button"
      class="plain-button"
      onClick={() => void download(token, `/api/rollcall/${channel}${path}`, channel)}
    >
      {text}
    </button>
  );
}

/** Groups calls by their broadcasts, and those without one by day. */
function byLesson(calls: readonly LessonCall[]): (readonly [LessonCall, ...LessonCall[]])[] {
  const lessons = new Map<string, [LessonCall, ...LessonCall[]]>();
  for (const one of calls) {
    const name = one.broadcast ?? dayText(one.call.atProgramTimeMs);
    const known = lessons.get(name);
    if (known === undefined) lessons.set(name, [one]);
    else known.push(one);
  }
  return [...lessons.values()];
}
