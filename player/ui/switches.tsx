import type { JSX } from 'preact';
import { language, setLanguage, t } from '../text/language.ts';
import { LANGUAGE_NAMES, type Language } from '../text/strings.ts';
import { Icon, type IconName } from './icons.tsx';
import { THEMES, type Theme, setTheme, theme } from './theme.ts';

const THEME_ICONS: Readonly<Record<Theme, IconName>> = { system: 'system', day: 'sun', night: 'moon' };

/** The switches of language and colours. */
export function Switches(): JSX.Element {
  const other: Language = language.value === 'zh' ? 'en' : 'zh';
  const nextTheme = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? 'system';
  const themeLabel = `${t('theme.switch')}: ${t(`theme.${theme.value}`)}`;
  return (
    <div class="switches">
      <button
        type="button"
        class="quiet"
        onClick={() => setTheme(nextTheme)}
        aria-label={themeLabel}
        title={themeLabel}
      >
        <Icon name={THEME_ICONS[theme.value]} />
      </button>
      <button
        type="button"
        class="quiet with-text"
        onClick={() => setLanguage(other)}
        aria-label={`${t('language.switch')}: ${LANGUAGE_NAMES[other]}`}
        lang={other === 'zh' ? 'zh-Hans' : 'en'}
      >
        <Icon name="language" />
        <span>{LANGUAGE_NAMES[other]}</span>
      </button>
    </div>
  );
}
