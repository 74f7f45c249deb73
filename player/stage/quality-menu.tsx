import type { JSX } from 'preact';
import type { LiveView } from '../live/live-view.ts';
import { t } from '../text/language.ts';
import { levelName } from './level-name.ts';
import { Menu, MenuItem } from './menu.tsx';

/** What the menu shows and changes: a live session, or a timeshift session. */
export type QualityChoice = {
  readonly view: Pick<LiveView, 'levels' | 'playing' | 'chosen' | 'audioOnly' | 'audioOnlyPossible'>;
  setQuality(index: number | null): void;
  setAudioOnly(audioOnly: boolean): void;
};

/** The quality menu: automatic, levels from high to low, and sound only. */
export function QualityMenu(props: {
  readonly session: QualityChoice;
  readonly onClose: () => void;
}): JSX.Element {
  const { session, onClose } = props;
  const { levels, playing, chosen, audioOnly, audioOnlyPossible } = session.view;
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
    <Menu label={t('control.quality')}>
      <MenuItem
        checked={chosen.value === null && !audioOnly.value}
        onChoose={() => choose(null)}
        label={auto}
      />
      {levels.value
        .map((level, index) => ({ level, index }))
        .reverse()
        .map(({ level, index }) => (
          <MenuItem
            key={index}
            checked={chosen.value === index && !audioOnly.value}
            onChoose={() => choose(index)}
            label={levelName(level)}
          />
        ))}
      {audioOnlyPossible.value && (
        <MenuItem
          checked={audioOnly.value}
          icon="headphones"
          label={t('watch.audioOnly')}
          onChoose={() => {
            session.setAudioOnly(true);
            onClose();
          }}
        />
      )}
    </Menu>
  );
}
