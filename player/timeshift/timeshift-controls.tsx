import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Command } from '../stage/commands.ts';
import type { PanelName } from '../stage/stage-shell.tsx';
import { ScreenTools } from '../stage/screen-tools.tsx';
import { Tool } from '../stage/tool.tsx';
import { VolumeTools } from '../stage/volume-tools.tsx';
import { t } from '../text/language.ts';
import { timeshiftText } from '../text/timeshift-text.ts';
import type { TimeshiftSession } from './timeshift-session.ts';
import { clockTime } from './seek-bar.ts';
import { SeekSlider } from './seek-slider.tsx';
import type { BarMark } from './mark-positions.ts';
import type { Thumbnail } from './storyboard.ts';

/** The seek bar and the controls of a timeshift session. */
export function TimeshiftControls(props: {
  readonly session: TimeshiftSession;
  readonly panel: Signal<PanelName>;
  readonly pipPossible: boolean;
  readonly thumbnails: readonly Thumbnail[];
  readonly sheetUrl: (sheet: string) => string;
  /** Marks of roll calls, in order of time. */
  readonly marks: readonly BarMark[];
  readonly run: (command: Command) => void;
  readonly onSeek: (positionMs: number) => void;
  /** The page can go back to live. */
  readonly toLive: boolean;
}): JSX.Element {
  const { session, panel, run } = props;
  const { paused, muted, volume, positionMs, lengthMs, bufferedToMs, speed, levels } = session.view;
  const toggle = (name: PanelName) => {
    panel.value = panel.value === name ? 'none' : name;
  };
  return (
    <div
      class={`controls controls-timeshift${props.toLive ? ' controls-live' : ''}`}
      role="group"
      aria-label={t('watch.player')}
    >
      <SeekSlider
        positionMs={positionMs}
        lengthMs={lengthMs}
        bufferedToMs={bufferedToMs}
        thumbnails={props.thumbnails}
        sheetUrl={props.sheetUrl}
        marks={props.marks}
        onSeek={props.onSeek}
      />
      <div class="controls-row">
        <Tool
          icon={paused.value ? 'play' : 'pause'}
          label={paused.value ? t('control.play') : t('control.pause')}
          keys="k"
          onClick={() => run('play')}
        />
        <VolumeTools
          muted={muted}
          volume={volume}
          onMute={() => run('mute')}
          onVolume={(value) => session.setVolume(value)}
        />
        <span class="time">
          {clockTime(positionMs.value, lengthMs.value)}
          <span class="time-length"> / {clockTime(lengthMs.value)}</span>
        </span>
        <span class="spacer" />
        {props.toLive && (
          <button
            type="button"
            class="live live-behind"
            aria-label={timeshiftText('timeshift.backToLive')}
            title={`${timeshiftText('timeshift.backToLive')} (L)`}
            aria-keyshortcuts="l"
            onClick={() => run('live')}
          >
            <span class="dot" aria-hidden="true" />
            <span class="live-long">{timeshiftText('timeshift.backToLive')}</span>
            <span class="live-short">{t('watch.live')}</span>
          </button>
        )}
        <Tool
          icon="help"
          label={t('control.help')}
          keys="?"
          expanded={panel.value === 'help'}
          desktop
          onClick={() => run('help')}
        />
        <button
          type="button"
          class="tool tool-speed"
          aria-label={`${timeshiftText('speed.label')}: ${timeshiftText('speed.value', { value: speed.value })}`}
          aria-haspopup="menu"
          aria-expanded={panel.value === 'speed'}
          title={`${timeshiftText('speed.label')} (< >)`}
          onClick={() => toggle('speed')}
        >
          {speed.value}×
        </button>
        {levels.value.length > 1 && (
          <Tool
            icon="quality"
            label={t('control.quality')}
            expanded={panel.value === 'quality'}
            popup
            onClick={() => toggle('quality')}
          />
        )}
        <ScreenTools
          pipPossible={props.pipPossible}
          onPip={() => run('pip')}
          onFullscreen={() => run('fullscreen')}
        />
      </div>
    </div>
  );
}
