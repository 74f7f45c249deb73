import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { teachText } from '../text/teach-text.ts';
import { Certain } from './certain.tsx';
import { download } from './teach-api.ts';
import type { TeacherConsole } from './teacher-console.ts';

/** The class list. */
export function RosterCard({ teacherConsole }: { readonly teacherConsole: TeacherConsole }): JSX.Element {
  const fault = useSignal<string | null>(null);
  const done = useSignal<'none' | 'taken' | 'removed'>('none');
  const size = teacherConsole.lesson.value?.rosterSize ?? 0;
  const put = async (text: string, type: string, whenDone: 'taken' | 'removed'): Promise<void> => {
    done.value = 'none';
    const reply = await teacherConsole.ask('/roster', { method: 'PUT', body: { type, text } });
    fault.value = reply.kind === 'ok' ? null : reply.kind === 'refused' ? reply.message : reply.kind;
    await teacherConsole.refresh();
    if (reply.kind === 'ok') done.value = whenDone;
  };
  return (
    <section class="card" aria-labelledby="roster-title">
      <h2 id="roster-title">{teachText('rosterTitle')}</h2>
      <p>{size > 0 ? sizeText(size) : teachText('rosterNone')}</p>
      <p class="soft">{teachText('rosterHelp')}</p>
      <div class="row">
        <label class="plain-button file-button">
          {teachText('rosterUpload')}
          <input
            type="file"
            accept=".csv,text/csv,text/plain"
            onChange={(event) => {
              const input = event.currentTarget;
              const file = input.files?.[0];
              if (file === undefined) return;
              void decoded(file).then((text) => put(text, 'text/csv', 'taken'));
              // Lets the same file be chosen again after it was corrected.
              input.value = '';
            }}
          />
        </label>
        {size > 0 && (
          <Certain
            label={teachText('rosterRemove')}
            question={teachText('rosterRemoveAsk')}
            yes={teachText('rosterRemoveYes')}
            no={teachText('rosterRemoveNo')}
            onYes={() => void put('[]', 'application/json', 'removed')}
          />
        )}
      </div>
      <p class="done" role="status" tabIndex={-1}>
        {done.value === 'taken' && teachText('rosterTaken', { size: sizeText(size) })}
        {done.value === 'removed' && teachText('rosterRemoved')}
      </p>
      {fault.value !== null && (
        <p class="fault" role="alert">
          {teachText('rosterFault', { reason: fault.value })}
        </p>
      )}
    </section>
  );
}

function sizeText(count: number): string {
  return count === 1 ? teachText('rosterSizeOne') : teachText('rosterSize', { count });
}

/** The calls of the lesson, with their downloads. */
export function HistoryCard({
  teacherConsole,
}: {
  readonly teacherConsole: TeacherConsole;
}): JSX.Element | null {
  const calls = teacherConsole.lesson.value?.calls ?? [];
  if (calls.length === 0) return null;
  const { channel, token } = teacherConsole;
  const folder = `/api/rollcall/${channel}`;
  return (
    <section class="card" aria-labelledby="history-title">
      <h2 id="history-title">{teachText('historyTitle')}</h2>
      <ul class="history">
        {calls.slice(0, 20).map(({ call, tally }) => (
          <li key={call.callId}>
            <span class="history-when">{clock(call.atProgramTimeMs)}</span>
            <span class="history-what">{call.prompt}</span>
            <span class="history-counts">
              {tally.present} {teachText('present')}, {tally.late} {teachText('late')}, {tally.absent}{' '}
              {teachText('absent')}
            </span>
            <button
              type="button"
              class="plain-button"
              onClick={() =>
                void download(
                  token,
                  `${folder}/calls/${call.callId}/answers.csv`,
                  `${channel}-${call.callId}.csv`,
                )
              }
            >
              {teachText('answersCsv')}
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="plain-button"
        onClick={() => void download(token, `${folder}/attendance.csv`, `${channel}-attendance.csv`)}
      >
        {teachText('attendanceCsv')}
      </button>
    </section>
  );
}

/** Spreadsheets in China save CSV as GB 18030 by default. */
async function decoded(file: File): Promise<string> {
  const bytes = await file.arrayBuffer();
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('gb18030').decode(bytes);
  }
}

function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
}
