import type { JSX } from 'preact';
import type { LiveState } from '../live/live-state.ts';
import { t } from '../text/language.ts';

/** A badge with the state of a channel. */
export function StateBadge({ state }: { readonly state: LiveState }): JSX.Element {
  return (
    <span class={`badge badge-${state}`}>
      <span class="dot" aria-hidden="true" />
      {t(`state.${state}`)}
    </span>
  );
}
