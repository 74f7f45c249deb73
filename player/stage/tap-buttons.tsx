import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { t } from '../text/language.ts';
import { Icon } from '../ui/icons.tsx';

/** The buttons for what the browser refuses without a tap; see the view's `tap`. */
export function TapButtons(props: {
  readonly tap: Signal<'none' | 'sound' | 'play'>;
  readonly onTap: () => void;
}): JSX.Element {
  const { tap, onTap } = props;
  return (
    <>
      {tap.value === 'play' && (
        <button type="button" class="tap tap-play" onClick={onTap}>
          <Icon name="play" />
          {t('watch.tapPlay')}
        </button>
      )}
      {tap.value === 'sound' && (
        <button type="button" class="tap" onClick={onTap}>
          <Icon name="muted" />
          {t('watch.tapSound')}
        </button>
      )}
    </>
  );
}
