import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { tt } from '../text/teach-text.ts';
import { download } from './teach-api.ts';
import type { TeachDesk } from './teacher-console.ts';

/** The class list. */
export function RosterCard({ desk }: { readonly desk: TeachDesk }): JSX.Element {
  const fault = useSignal<string | null>(null);
  const size = desk.lesson.value?.rosterSize ?? 0;
  const put = async (body: string, type: string): Promise<void> => {
    const reply = await desk.ask('/roster', { method: 'PUT', body, type });
    fault.value = reply.kind === 'ok' ? null : reply.kind === 'refused' ? reply.message : reply.kind;
    await desk.refresh();
  };
  return (
    <section class="card" aria-labelledby="roster-title">
      <h2 id="roster-title">{tt('rosterTitle')}</h2>
      <p>{size > 0 ? tt('rosterSize', { count: size }) : tt('rosterNone')}</p>
      <p class="soft">{tt('rosterHelp')}</p>
      <div class="row">
        <label class="plain-button file-button">
          {tt('rosterUpload')}
          <input
            type="file"
            accept=".csv,text/csv,text/plain"
            onChange={(event) => {
              const input = event.currentTarget;
              const file = input.files?.[0];
              if (file === undefined) return;
              void decoded(file).then((text) => put(text, 'text/csv'));
              // The same file may be chosen again after it was mended.
              input.value = '';
            }}
          />
        </label>
        {size > 0 && (
          <button type="button" class="plain-button" onClick={() => void put('[]', 'application/json')}>
            {tt('rosterRemove')}
          </button>
        )}
      </div>
      {fault.value !== null && (
        <p class="fault" role="alert">
          {tt('rosterFault', { reason: fault.value })}
        </p>
      )}
    </section>
  );
}

/** The calls of the lesson, and what can be taken home from them. */
export function HistoryCard({ desk }: { readonly desk: TeachDesk }): JSX.Element | null {
  const calls = desk.lesson.value?.calls ?? [];
  if (calls.length === 0) return null;
  const { channel, token } = desk;
  const folder = `/api/rollcall/${channel}`;
  return (
    <section class="card" aria-labelledby="history-title">
      <h2 id="history-title">{tt('historyTitle')}</h2>
      <ul class="history">
        {calls.slice(0, 20).map(({ call, tally }) => (
          <li key={call.callId}>
            <span class="history-when">{clock(call.atProgramTimeMs)}</span>
            <span class="history-what">{call.prompt}</span>
            <span class="history-counts">
              {tally.present} {tt('present')}, {tally.late} {tt('late')}, {tally.absent} {tt('absent')}
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
              {tt('answersCsv')}
            </button>
          </li>
        ))}
      </ul>
      <button
        type="button"
        class="plain-button"
        onClick={() => void download(token, `${folder}/attendance.csv`, `${channel}-attendance.csv`)}
      >
        {tt('attendanceCsv')}
      </button>
    </section>
  );
}

/** Spreadsheets in China save CSV as GB 18030 unless they are told otherwise. */
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
