import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { LiveSession } from '../../live/live-session.ts';
import { t } from '../../text/language.ts';
import type { Command } from '../../stage/commands.ts';
import type { PanelName } from '../../stage/stage-shell.tsx';
import { ScreenTools } from '../../stage/screen-tools.tsx';
import { Tool } from '../../stage/tool.tsx';
import { VolumeTools } from '../../stage/volume-tools.tsx';
import { Icon } from '../../ui/icons.tsx';

/** The controls below the live picture. */
export function Controls(props: {
  readonly session: LiveSession;
  readonly panel: Signal<PanelName>;
  readonly pipPossible: boolean;
  /** The class can be watched from its beginning. */
  readonly canStartOver: boolean;
  readonly run: (command: Command) => void;
}): JSX.Element {
  const { session, panel, run } = props;
  const { paused, muted, volume, behindS, state } = session.view;
  const hasPicture = session.view.stats.value.firstFrameMs !== null;
  const toggle = (name: PanelName) => {
    panel.value = panel.value === name ? 'none' : name;
  };
  return (
    <div class="controls" role="group" aria-label={t('watch.player')}>
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
        onVolume={(value) => session.sound.setVolume(value)}
      />
      {behindS.value > 0 ? (
        <button type="button" class="live live-behind" onClick={() => run('live')}>
          <span class="dot" aria-hidden="true" />
          {t('watch.goLive')} <small>{t('watch.behind', { count: behindS.value })}</small>
        </button>
      ) : (
        <Distance isPaused={paused.value} isLive={state.value === 'on-air' && hasPicture} />
      )}
      {props.canStartOver && (
        <button
          type="button"
          class="live live-beginning"
          aria-label={t('watch.beginning')}
          aria-keyshortcuts="b"
          title={`${t('watch.beginning')} (B)`}
          onClick={() => run('beginning')}
        >
          <Icon name="restart" />
          <span class="live-words">{t('watch.beginning')}</span>
        </button>
      )}
      <span class="spacer" />
      <Tool
        icon="help"
        label={t('control.help')}
        keys="?"
        expanded={panel.value === 'help'}
        desktop
        onClick={() => run('help')}
      />
      <Tool
        icon="stats"
        label={t('control.stats')}
        keys="s"
        expanded={panel.value === 'stats'}
        onClick={() => run('stats')}
      />
      <Tool
        icon="quality"
        label={t('control.quality')}
        expanded={panel.value === 'quality'}
        popup
        onClick={() => toggle('quality')}
      />
      <ScreenTools
        pipPossible={props.pipPossible}
        onPip={() => run('pip')}
        onFullscreen={() => run('fullscreen')}
      />
    </div>
  );
}

/** Live, or paused: never live beside a picture that stands still or never came. */
function Distance(props: { readonly isPaused: boolean; readonly isLive: boolean }): JSX.Element | null {
  if (props.isPaused) return <span class="live live-paused">{t('watch.paused')}</span>;
  if (!props.isLive) return null;
  return (
    <span class="live">
      <span class="dot" aria-hidden="true" />
      {t('watch.live')}
    </span>
  );
}
