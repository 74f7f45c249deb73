import type { JSX } from 'preact';
import { t } from '../../text/language.ts';
import type { TextKey } from '../../text/strings.ts';
import { Icon } from '../../ui/icons.tsx';

const ROWS: readonly (readonly [keys: readonly string[], text: TextKey])[] = [
  [['Space', 'K'], 'keys.play'],
  [['M'], 'keys.mute'],
  [['↑', '↓'], 'keys.volume'],
  [['F'], 'keys.fullscreen'],
  [['I'], 'keys.pip'],
  [['L'], 'keys.live'],
  [['S'], 'keys.stats'],
  [['?'], 'keys.help'],
];

/** The keys and what they do. */
export function HelpPanel({ onClose }: { readonly onClose: () => void }): JSX.Element {
  return (
    <section class="panel help" aria-label={t('control.help')}>
      <header>
        <h2>{t('control.help')}</h2>
        <button type="button" class="tool" aria-label={t('control.close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <dl>
        {ROWS.map(([keys, text]) => (
          <div key={text}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(text)}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
