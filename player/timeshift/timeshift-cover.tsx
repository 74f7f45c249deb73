import type { ComponentChildren, JSX } from 'preact';
import { TapButtons } from '../stage/tap-buttons.tsx';
import { timeshiftText } from '../text/timeshift-text.ts';
import type { TimeshiftSession } from './timeshift-session.ts';

/** The cover over a timeshift: text where nothing can be shown, and the buttons that the browser makes necessary. */
export function TimeshiftCover(props: {
  readonly session: TimeshiftSession;
  /** Text and links at the end. */
  readonly atEnd: () => ComponentChildren;
  /** Links where it cannot be played. */
  readonly instead: () => ComponentChildren;
}): JSX.Element {
  const { session } = props;
  const { state, waiting, tap } = session.view;
  const spoken = state.value;
  return (
    <>
      {spoken === 'ended' && (
        <div class="cover" data-testid="cover">
          {props.atEnd()}
        </div>
      )}
      {spoken === 'loading' && tap.value !== 'play' && (
        <span class="spinner spinner-alone" aria-hidden="true" />
      )}
      {(spoken === 'reconnecting' || spoken === 'offline') && (
        <div class={`cover cover-${spoken}`} data-testid="cover">
          {spoken === 'reconnecting' && <span class="spinner" aria-hidden="true" />}
          <p class="cover-title">{timeshiftText(`timeshift.${spoken}`)}</p>
          <p class="cover-text">{timeshiftText(`timeshift.${spoken}.detail`)}</p>
        </div>
      )}
      {(spoken === 'gone' || spoken === 'forbidden' || spoken === 'unsupported') && (
        <div class="cover" data-testid="cover">
          <p class="cover-title">{timeshiftText(`timeshift.${spoken}`)}</p>
          <p class="cover-text">{timeshiftText(`timeshift.${spoken}.detail`)}</p>
          {props.instead()}
        </div>
      )}
      {spoken === 'playing' && waiting.value && <span class="spinner spinner-alone" aria-hidden="true" />}
      <TapButtons tap={tap} onTap={() => session.tapped()} />
    </>
  );
}
