import type { ReadonlySignal } from '@preact/signals';
import type { JSX } from 'preact';
import { t } from '../text/language.ts';
import { Tool } from './tool.tsx';

/** The button that mutes, and the slider beside it. */
export function VolumeTools(props: {
  readonly muted: ReadonlySignal<boolean>;
  /** 0 to 1. */
  readonly volume: ReadonlySignal<number>;
  readonly onMute: () => void;
  readonly onVolume: (volume: number) => void;
}): JSX.Element {
  const { muted, volume } = props;
  const silent = muted.value || volume.value === 0;
  return (
    <>
      <Tool
        icon={silent ? 'muted' : 'sound'}
        label={silent ? t('control.unmute') : t('control.mute')}
        keys="m"
        onClick={props.onMute}
      />
      <input
        class="volume"
        type="range"
        min="0"
        max="100"
        step="5"
        value={silent ? 0 : Math.round(volume.value * 100)}
        aria-label={t('control.volume')}
        onInput={(event) => props.onVolume(event.currentTarget.valueAsNumber / 100)}
      />
    </>
  );
}
