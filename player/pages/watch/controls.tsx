import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import type { Session } from '../../playback/session.ts';
import { t } from '../../text/language.ts';
import { Icon, type IconName } from '../../ui/icons.tsx';
import type { Command } from './commands.ts';
import { isFullscreen } from './fullscreen.ts';

/** A panel that lies over the picture; one at a time. */
export type PanelName = 'none' | 'quality' | 'stats' | 'help';

/** The bar below the picture. */
export function Controls(props: {
  readonly session: Session;
  readonly panel: Signal<PanelName>;
  readonly pipPossible: boolean;
  readonly run: (command: Command) => void;
}): JSX.Element {
  const { session, panel, run } = props;
  const { paused, muted, volume, behindS, state } = session.view;
  const toggle = (name: PanelName) => {
    panel.value = panel.value === name ? 'none' : name;
  };
  const silent = muted.value || volume.value === 0;
  return (
    <div class="controls" role="group" aria-label={t('watch.player')}>
      <Tool
        icon={paused.value ? 'play' : 'pause'}
        label={paused.value ? t('control.play') : t('control.pause')}
        keys="k"
        onClick={() => run('play')}
      />
      <Tool
        icon={silent ? 'muted' : 'sound'}
        label={silent ? t('control.unmute') : t('control.mute')}
        keys="m"
        onClick={() => run('mute')}
      />
      <input
        class="volume"
        type="range"
        min="0"
        max="100"
        step="5"
        value={silent ? 0 : Math.round(volume.value * 100)}
        aria-label={t('control.volume')}
        onInput={(event) => session.setVolume(event.currentTarget.valueAsNumber / 100)}
      />
      {behindS.value > 0 ? (
        <button type="button" class="live live-behind" onClick={() => run('live')}>
          <span class="dot" aria-hidden="true" />
          {t('watch.goLive')} <small>{t('watch.behind', { count: behindS.value })}</small>
        </button>
      ) : (
        state.value === 'on-air' && (
          <span class="live">
            <span class="dot" aria-hidden="true" />
            {t('watch.live')}
          </span>
        )
      )}
      <span class="spacer" />
      <Tool
        icon="help"
        label={t('control.help')}
        keys="?"
        expanded={panel.value === 'help'}
        desktop
        onClick={() => toggle('help')}
      />
      <Tool
        icon="stats"
        label={t('control.stats')}
        keys="s"
        expanded={panel.value === 'stats'}
        onClick={() => toggle('stats')}
      />
      <Tool
        icon="quality"
        label={t('control.quality')}
        expanded={panel.value === 'quality'}
        popup
        onClick={() => toggle('quality')}
      />
      {props.pipPossible && (
        <Tool icon="pip" label={t('control.pip')} keys="i" desktop onClick={() => run('pip')} />
      )}
      <Tool
        icon={isFullscreen.value ? 'exitFullscreen' : 'fullscreen'}
        label={isFullscreen.value ? t('control.exitFullscreen') : t('control.fullscreen')}
        keys="f"
        onClick={() => run('fullscreen')}
      />
    </div>
  );
}

function Tool(props: {
  readonly icon: IconName;
  readonly label: string;
  readonly keys?: string;
  readonly expanded?: boolean;
  readonly popup?: boolean;
  /** Left out where there is little room. */
  readonly desktop?: boolean;
  readonly onClick: () => void;
}): JSX.Element {
  return (
    <button
      type="button"
      class={`tool${props.desktop === true ? ' tool-desktop' : ''}`}
      aria-label={props.label}
      aria-keyshortcuts={props.keys}
      aria-expanded={props.expanded}
      aria-haspopup={props.popup === true ? 'menu' : undefined}
      title={props.keys === undefined ? props.label : `${props.label} (${props.keys.toUpperCase()})`}
      onClick={props.onClick}
    >
      <Icon name={props.icon} />
    </button>
  );
}
