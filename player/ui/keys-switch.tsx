import type { JSX } from 'preact';
import { t } from '../text/language.ts';
import { areSingleKeysOn, setSingleKeys } from './single-keys.ts';

/** Switches shortcuts of a single letter on and off. */
export function KeysSwitch(): JSX.Element {
  return (
    <label class="keys-switch">
      <input
        type="checkbox"
        checked={areSingleKeysOn.value}
        onChange={(event) => setSingleKeys(event.currentTarget.checked)}
      />
      <span>{t('keys.switch')}</span>
    </label>
  );
}
