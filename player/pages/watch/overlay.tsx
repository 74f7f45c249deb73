import type { JSX } from 'preact';
import type { LiveSession } from '../../live/live-session.ts';
import type { LiveState } from '../../live/live-state.ts';
import { TapButtons } from '../../stage/tap-buttons.tsx';
import { t } from '../../text/language.ts';
import { Icon } from '../../ui/icons.tsx';
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
}): JSX.Element {
  const { session, startOver } = props;
  const { state, tap, waiting, audioOnly } = session.view;
  const spoken = isSpoken(state.value) ? state.value : null;
  return (
    <>
      {audioOnly.value && spoken === null && (
        <div class="cover">
          <Icon name="headphones" />
          <p class="cover-text">{t('watch.audioOnlyOn')}</p>
        </div>
      )}
      {spoken !== null && (
        <div class={`cover cover-${spoken}`} data-testid="cover">
          {(spoken === 'reconnecting' || spoken === 'loading') && <span class="spinner" aria-hidden="true" />}
          <p class="cover-title">{t(`say.${spoken}`)}</p>
          <p class="cover-text">{t(`say.${spoken}.detail`)}</p>
          {spoken === 'over' && startOver.replayUrl.value !== null && (
            <a class="way way-first" href={startOver.replayUrl.value}>
              {t('watch.recording')}
            </a>
          )}
        </div>
      )}
      {spoken === null && waiting.value && <span class="spinner spinner-alone" aria-hidden="true" />}
      {startOver.hasFailed.value && (
        <p class="stage-note" role="alert">
          {t('watch.beginningFailed')}
        </p>
      )}
      <TapButtons tap={tap} onTap={() => session.tapped()} />
    </>
  );
}
