import type { JSX } from 'preact';
import { t } from '../text/language.ts';
import { Icon } from '../ui/icons.tsx';
import { KeysSwitch } from '../ui/keys-switch.tsx';

/** Keys and what they do. */
export type HelpRow = readonly [keys: readonly string[], text: string];

/** The keys and what they do. */
export function HelpPanel(props: {
  readonly rows: readonly HelpRow[];
  readonly onClose: () => void;
}): JSX.Element {
  return (
    <section class="panel help" aria-label={t('control.help')}>
      <header>
        <h2>{t('control.help')}</h2>
        <button type="button" class="tool" aria-label={t('control.close')} onClick={props.onClose}>
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {props.rows.map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <KeysSwitch />
    </section>
  );
}
