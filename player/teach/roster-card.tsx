import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { choiceQuery, NOTHING_CHOSEN, type RosterChoice } from '../../rollcall/protocol/roster-choice.ts';
import { readRosterPreview, type RosterPreview } from '../../rollcall/protocol/roster-preview.ts';
import { rosterText } from '../text/roster-text.ts';
import { teachText } from '../text/teach-text.ts';
import { Certain } from './certain.tsx';
import { RosterPreviewBox } from './roster-preview.tsx';
import type { Reply } from './teach-api.ts';
import type { TeacherConsole } from './teacher-console.ts';

/** A file of 100,000 names over a slow line, in milliseconds. */
const FILE_TIME_LIMIT_MS = 60_000;

type Chosen = {
  /** Read once: a file that is saved again meanwhile is another list than the one that was shown. */
  readonly bytes: Blob;
  /** '' for the one that is found. */
  readonly encoding: string;
  readonly choice: RosterChoice;
  /** Null while it is read for the first time. */
  readonly preview: RosterPreview | null;
};

/** The class list: a file is shown as it would be read, and taken when the teacher says so. */
export function RosterCard({ teacherConsole }: { readonly teacherConsole: TeacherConsole }): JSX.Element {
  const fault = useSignal<string | null>(null);
  const done = useSignal<'none' | 'taken' | 'removed'>('none');
  const chosen = useSignal<Chosen | null>(null);
  const isBusy = useSignal(false);
  const size = teacherConsole.lesson.value?.rosterSize ?? 0;
  const tell = (reply: Reply): boolean => {
    fault.value = reply.kind === 'ok' ? null : reply.kind === 'refused' ? reply.message : reply.kind;
    return reply.kind === 'ok';
  };
  const send = (
    method: 'PUT' | 'POST',
    path: string,
    { bytes, encoding, choice }: Chosen,
  ): Promise<Reply> => {
    const type = encoding === '' ? 'application/octet-stream' : `text/csv; charset=${encoding}`;
    return teacherConsole.ask(`${path}${choiceQuery(choice)}`, {
      ...{ method, file: { type, bytes }, timeLimitMs: FILE_TIME_LIMIT_MS },
    });
  };
  const look = async (before: Chosen | null, wanted: Omit<Chosen, 'preview'>): Promise<void> => {
    // What was shown before stays meanwhile: the focus is in it.
    const looked: Chosen = { ...wanted, preview: before?.preview ?? null };
    done.value = 'none';
    chosen.value = looked;
    isBusy.value = true;
    const reply = await send('POST', '/roster/preview', looked);
    if (chosen.value !== looked) return;
    isBusy.value = false;
    const preview = tell(reply) && reply.kind === 'ok' ? readRosterPreview(reply.value) : null;
    // A choice that could not be looked at is not made.
    chosen.value = preview === null ? before : { ...looked, preview };
  };
  const choose = async (file: File): Promise<void> => {
    const bytes = await file.arrayBuffer().catch(() => null);
    if (bytes === null) fault.value = rosterText('unreadable');
    else await look(null, { bytes: new Blob([bytes]), encoding: '', choice: NOTHING_CHOSEN });
  };
  const put = async (asked: Promise<Reply>, whenDone: 'taken' | 'removed'): Promise<void> => {
    isBusy.value = true;
    const isDone = tell(await asked);
    isBusy.value = false;
    if (isDone) chosen.value = null;
    await teacherConsole.refresh();
    if (isDone) done.value = whenDone;
  };
  const { preview } = chosen.value ?? { preview: null };
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
            accept=".xlsx,.csv,.txt,text/csv,text/plain,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            onChange={(event) => {
              const input = event.currentTarget;
              const file = input.files?.[0];
              if (file !== undefined) void choose(file);
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
            onYes={() => void put(teacherConsole.ask('/roster', { method: 'PUT', json: [] }), 'removed')}
          />
        )}
      </div>
      {chosen.value !== null && preview === null && <p role="status">{rosterText('reading')}</p>}
      {chosen.value !== null && preview !== null && (
        <RosterPreviewBox
          preview={preview}
          encoding={chosen.value.encoding}
          choice={chosen.value.choice}
          isBusy={isBusy.value}
          onEncoding={(encoding) => {
            // In another encoding the headings are others.
            const { value } = chosen;
            if (value !== null) void look(value, { ...value, encoding, choice: NOTHING_CHOSEN });
          }}
          onChoice={(choice) => {
            if (chosen.value !== null) void look(chosen.value, { ...chosen.value, choice });
          }}
          onTake={() => {
            if (chosen.value !== null) void put(send('PUT', '/roster', chosen.value), 'taken');
          }}
          onCancel={() => {
            chosen.value = null;
            isBusy.value = false;
          }}
        />
      )}
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
