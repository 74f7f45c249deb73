import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Session } from '../live/live-session.ts';
import { tt } from '../text/teach-text.ts';
import type { TeachDesk } from './teacher-console.ts';

const COPIED_MS = 2000;

/** What students see, and how the stream is. */
export function PreviewCard(props: {
  readonly desk: TeachDesk;
  readonly session: Session;
  readonly video: HTMLVideoElement;
}): JSX.Element {
  const { desk, session, video } = props;
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    box.current?.prepend(video);
  }, [video]);
  const { latencyMs } = session.view.stats.value;
  const isOnAir = session.view.state.value === 'on-air';
  return (
    <section class="card" aria-labelledby="preview-title">
      <h2 id="preview-title">{tt('preview')}</h2>
      <div ref={box} class="preview" />
      {isOnAir && latencyMs !== null && (
        <p class="soft">{tt('previewBehind', { seconds: (latencyMs / 1000).toFixed(1) })}</p>
      )}
      <ul class="health" aria-live="polite">
        {desk.findings.value.map(({ severity, key, values }) => (
          <li key={key} class={`health-${severity}`}>
            {tt(`health.${key}`, values)}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Where and with what to publish. */
export function PublishCard({ desk }: { readonly desk: TeachDesk }): JSX.Element | null {
  const address = desk.address.value;
  if (address === null) return null;
  return (
    <section class="card" aria-labelledby="publish-title">
      <h2 id="publish-title">{tt('publishTitle')}</h2>
      <Copied name="server" label={tt('server')} value={address.server} isSecret={false} />
      <Copied name="key" label={tt('streamKey')} value={address.streamKey} isSecret />
      <details>
        <summary>{tt('howTo')}</summary>
        <p>{tt('howToObs')}</p>
        <p>{tt('howToPhone')}</p>
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
      // Plain http has no clipboard: the old way asks nobody, and copies only what is seen.
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
          {tt('show')}
        </button>
      )}
      <button type="button" class="plain-button" onClick={() => void copy()}>
        {isCopied.value ? tt('copied') : tt('copy')}
      </button>
    </div>
  );
}
