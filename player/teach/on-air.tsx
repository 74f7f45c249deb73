import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { LiveSession } from '../live/live-session.ts';
import { teachText } from '../text/teach-text.ts';
import { studentsBehind } from './air.ts';
import type { TeacherConsole } from './teacher-console.ts';

const COPIED_MS = 2000;

/** The preview of the live picture, and the findings about the stream. */
export function PreviewCard(props: {
  readonly teacherConsole: TeacherConsole;
  readonly session: LiveSession;
  readonly video: HTMLVideoElement;
}): JSX.Element {
  const { teacherConsole, session, video } = props;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.prepend(video);
  }, [video]);
  const { latencyMs } = session.view.stats.value;
  const isOnAir = session.view.state.value === 'on-air';
  const students = isOnAir ? studentsBehind(teacherConsole.publish.air.value, latencyMs) : null;
  return (
    <section class="card" aria-labelledby="preview-title">
      <h2 id="preview-title">{teachText('preview')}</h2>
      <div ref={box} class="preview" />
      {students !== null && (
        <p class="soft students-behind">
          {teachText('previewBehind', { seconds: (students.behindMs / 1000).toFixed(1) })}
          {students.isPreviewLate && ` ${teachText('previewSlow')}`}
        </p>
      )}
      <ul class="health" aria-live="polite">
        {teacherConsole.publish.findings.value.map(({ severity, key, values }) => (
          <li key={key} class={`health-${severity}`}>
            {teachText(`health.${key}`, values)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Server and stream key to publish with. */
export function PublishCard({
  teacherConsole,
}: {
  readonly teacherConsole: TeacherConsole;
}): JSX.Element | null {
  const address = teacherConsole.publish.address.value;
  if (address === null) return null;
  return (
    <section class="card" aria-labelledby="publish-title">
      <h2 id="publish-title">{teachText('publishTitle')}</h2>
      <Copied name="server" label={teachText('server')} value={address.server} isSecret={false} />
      <Copied name="key" label={teachText('streamKey')} value={address.streamKey} isSecret />
      <details>
        <summary>{teachText('howTo')}</summary>
        <p>{teachText('howToObs')}</p>
        <p>{teachText('howToPhone')}</p>
      </details>
    </section>
  );
}

function Copied(props: {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly isSecret: boolean;
}): JSX.Element {
  const { name, label, value, isSecret } = props;
  const isShown = useSignal(!isSecret);
  const isCopied = useSignal(false);
  const field = useRef<HTMLInputElement>(null);
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(value);
    } catch {
      // Plain http has no clipboard API: the old command copies a visible selection.
      isShown.value = true;
      await new Promise(requestAnimationFrame);
      field.current?.select();
      if (!document.execCommand('copy')) return;
    }
    isCopied.value = true;
    setTimeout(() => {
      isCopied.value = false;
    }, COPIED_MS);
  };
  return (
    <div class="copied">
      <label class="teach-field">
        <span>{label}</span>
        {isShown.value ? (
          <input ref={field} readOnly name={name} type="text" value={value} />
        ) : (
          <input readOnly name={name} type="password" value={value} />
        )}
      </label>
      {!isShown.value && (
        <button
          type="button"
          class="plain-button"
          onClick={() => {
            isShown.value = true;
          }}
        >
          {teachText('show')}
        </button>
      )}
      <button type="button" class="plain-button" onClick={() => void copy()}>
        {isCopied.value ? teachText('copied') : teachText('copy')}
      </button>
    </div>
  );
}
