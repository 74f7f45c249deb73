import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Session } from '../../playback/session.ts';
import { t } from '../../text/language.ts';
import { Icon, type IconName } from '../../ui/icons.tsx';
import { levelName } from './level-name.ts';

/** Levels best first, automatic, and the sound alone. */
export function QualityMenu(props: { readonly session: Session; readonly onClose: () => void }): JSX.Element {
  const { session, onClose } = props;
  const { levels, playing, chosen, audioOnly, audioOnlyPossible } = session.view;
  const menu = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const opener = document.activeElement;
    const own = menu.current;
    own?.querySelector<HTMLElement>('[aria-checked="true"]')?.focus();
    return () => {
      // Who went on with the keyboard goes on at the button; who tapped elsewhere is elsewhere already.
      const { activeElement } = document;
      const isLost = activeElement === document.body || own?.contains(activeElement) === true;
      if (isLost && opener instanceof HTMLElement) opener.focus();
    };
  }, []);

  const choose = (index: number | null) => {
    session.setQuality(index);
    onClose();
  };
  const now = levels.value[playing.value];
  const auto =
    now === undefined || chosen.value !== null || audioOnly.value
      ? t('control.auto')
      : t('control.autoNow', { level: levelName(now) });
  return (
    <div
      ref={menu}
      class="panel menu"
      role="menu"
      tabIndex={-1}
      aria-label={t('control.quality')}
      onKeyDown={(event) => walk(event, menu.current)}
    >
      <Item checked={chosen.value === null && !audioOnly.value} onChoose={() => choose(null)} label={auto} />
      {levels.value
        .map((level, index) => ({ level, index }))
        .reverse()
        .map(({ level, index }) => (
          <Item
            key={index}
            checked={chosen.value === index && !audioOnly.value}
            onChoose={() => choose(index)}
            label={levelName(level)}
          />
        ))}
      {audioOnlyPossible.value && (
        <Item
          checked={audioOnly.value}
          icon="headphones"
          label={t('watch.audioOnly')}
          onChoose={() => {
            session.setAudioOnly(true);
            onClose();
          }}
        />
      )}
    </div>
  );
}

function Item(props: {
  readonly checked: boolean;
  readonly label: string;
  readonly icon?: IconName;
  readonly onChoose: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      role="menuitemradio"
      aria-checked={props.checked}
      tabIndex={props.checked ? 0 : -1}
      onClick={props.onChoose}
    >
      <span class="menu-check">{props.checked && <Icon name="check" />}</span>
      {props.label}
      {props.icon !== undefined && <Icon name={props.icon} />}
    </button>
  );
}

/** Arrows walk a menu, as the ARIA practices say. */
function walk(event: KeyboardEvent, menu: HTMLElement | null): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined || menu === null) return;
  event.preventDefault();
  event.stopPropagation();
  const items = [...menu.querySelectorAll<HTMLElement>('[role=menuitemradio]')];
  const at = items.findIndex((item) => item === document.activeElement);
  items[(at + step + items.length) % items.length]?.focus();
}
