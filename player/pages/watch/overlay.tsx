import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { type AwaitedNote, awaitedNote, isTeacherConnected } from '../../live/awaited-note.ts';
import type { LiveSession } from '../../live/live-session.ts';
import type { LiveState } from '../../live/live-state.ts';
import type { LiveView } from '../../live/live-view.ts';
import { TapButtons } from '../../stage/tap-buttons.tsx';
import { linkFaultText } from '../../rights/link-fault-text.ts';
import type { Rights } from '../../rights/rights.ts';
import { t } from '../../text/language.ts';
import { Icon } from '../../ui/icons.tsx';
import { PartNote } from '../../ui/part-note.tsx';
import type { LazyStartOver } from './lazy-start-over.ts';

/** States without a cover. */
const SHOWN: readonly LiveState[] = ['on-air', 'announcement', 'recorded'];
type SpokenState = Exclude<LiveState, 'on-air' | 'announcement' | 'recorded'>;

function isSpoken(state: LiveState): state is SpokenState {
  return !SHOWN.includes(state);
}

/** The cover over the picture: text while no class is shown, and the buttons that the browser makes necessary. */
export function Overlay(props: {
  readonly session: LiveSession;
  readonly startOver: LazyStartOver;
  readonly rights: Rights;
}): JSX.Element {
  const { session, startOver, rights } = props;
  const { state, tap, waiting, audioOnly, still } = session.view;
  const spoken = isSpoken(state.value) ? state.value : null;
  const missing = session.view.channel.value?.awaited ?? [];
  const awaited = awaitedNote(state.value, missing, audioOnly.value);
  const said = isTeacherConnected(state.value, missing) ? 'connected' : spoken;
  return (
    <>
      {still.value !== null && <Still picture={still.value} />}
      {audioOnly.value && spoken === null && (
        <div class="cover">
          <Icon name="headphones" />
          <p class="cover-text">{t('watch.audioOnlyOn')}</p>
        </div>
      )}
      {spoken !== null && said !== null && (
        <div class={`cover cover-${spoken}`} data-testid="cover">
          {(spoken === 'reconnecting' || spoken === 'loading') && <span class="spinner" aria-hidden="true" />}
          <p class="cover-title">{t(`say.${said}`)}</p>
          <p class="cover-text">{spoken === 'forbidden' ? linkFaultText(rights) : t(`say.${said}.detail`)}</p>
          {spoken === 'over' && startOver.replayUrl.value !== null && (
            <a class="way way-first" href={startOver.replayUrl.value}>
              {t('watch.recording')}
            </a>
          )}
        </div>
      )}
      {spoken === null && waiting.value && <span class="spinner spinner-alone" aria-hidden="true" />}
      {awaited !== null && <WaitingNote note={awaited} />}
      {spoken === null && awaited === null && <BusyNote busy={session.view.busy.value} />}
      {startOver.fault.value !== null && <PartNote fault={startOver.fault.value} />}
      <TapButtons tap={tap} onTap={() => session.tapped()} />
    </>
  );
}

/** The last picture, in place of those that the machine has no time for. */
function Still({ picture }: { readonly picture: HTMLCanvasElement }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => box.current?.replaceChildren(picture), [picture]);
  return <div ref={box} class="still" />;
}

/** Says what the class waits for. A picture that stands still while the sound goes on is said once: it may be meant so. */
function WaitingNote({ note }: { readonly note: AwaitedNote }): JSX.Element {
  return (
    <p
      key={note}
      class={`stage-note${note === 'picture' ? ' stage-note-brief' : ''}`}
      role="status"
      data-testid="awaited"
    >
      {t(`watch.awaited.${note}`)}
    </p>
  );
}

/** Says why the picture is worse than it could be. A lower quality is said once; it looks nearly the same. */
function BusyNote({ busy }: { readonly busy: LiveView['busy']['value'] }): JSX.Element | null {
  if (busy === 'no') return null;
  return (
    <p key={busy} class={`stage-note${busy === 'lower' ? ' stage-note-brief' : ''}`} role="status">
      {t(`watch.busy.${busy}`)}
    </p>
  );
}
