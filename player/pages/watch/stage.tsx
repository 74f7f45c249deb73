import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { ComponentType, JSX } from 'preact';
import type { LiveSession } from '../../live/live-session.ts';
import type { Command } from '../../stage/commands.ts';
import { isPipPossible } from '../../stage/fullscreen.ts';
import { HelpPanel, type HelpRow } from '../../stage/help-panel.tsx';
import { QualityMenu } from '../../stage/quality-menu.tsx';
import { type PanelName, StageShell } from '../../stage/stage-shell.tsx';
import type { Rights } from '../../rights/rights.ts';
import { t } from '../../text/language.ts';
import { Controls } from './controls.tsx';
import { Overlay } from './overlay.tsx';
import type { LazyStartOver } from './lazy-start-over.ts';
import { StatsPanel } from './stats-panel.tsx';

/** After a longer pause than this, start-over continues where the viewer was, in milliseconds: the live window is short. */
const AWAY_MS = 15_000;
/** How far keys seek back from live, in milliseconds. */
const BACK_MS = { back: 5000, 'far-back': 30_000 } as const;

/** The picture and everything over it: cover, controls, panels, keys. */
export function Stage(props: {
  readonly session: LiveSession;
  readonly startOver: LazyStartOver;
  readonly video: HTMLVideoElement;
  readonly rights: Rights;
  /** The roll call over the picture; null until it is loaded. */
  readonly rollCall: ReadonlySignal<ComponentType | null>;
}): JSX.Element {
  const { session, startOver, video } = props;
  const RollCall = props.rollCall.value;
  const panel = useSignal<PanelName>('none');
  const timeshift = startOver.current.value;
  const close = () => {
    panel.value = 'none';
  };
  const run = (command: Command): boolean => {
    if (timeshift !== null) return timeshift.run(command);
    if (command === 'stats') {
      panel.value = panel.value === 'stats' ? 'none' : 'stats';
      return true;
    }
    return runLive(session, startOver, command);
  };
  return (
    <StageShell video={video} panel={panel} isTimeshift={timeshift !== null} run={run}>
      {(run) => (
        <>
          {RollCall !== null && <RollCall />}
          {timeshift === null ? (
            <>
              <Overlay session={session} startOver={startOver} rights={props.rights} />
              {panel.value === 'stats' && <StatsPanel session={session} onClose={close} />}
              {panel.value === 'help' && <HelpPanel rows={helpRows()} onClose={close} />}
              {panel.value === 'quality' && <QualityMenu session={session} onClose={close} />}
              <Controls
                session={session}
                panel={panel}
                pipPossible={isPipPossible(video)}
                canStartOver={startOver.isAvailable.value}
                run={run}
              />
            </>
          ) : (
            <timeshift.Layer panel={panel} pipPossible={isPipPossible(video)} run={run} />
          )}
        </>
      )}
    </StageShell>
  );
}

function runLive(session: LiveSession, startOver: LazyStartOver, command: Command): boolean {
  const { view, sound } = session;
  const atMs = session.programTimeMs();
  switch (command) {
    case 'play': {
      const isAway =
        view.paused.value &&
        !session.isPausedBySystem &&
        atMs !== null &&
        session.serverNowMs() - atMs > AWAY_MS;
      if (!isAway || !startOver.open(atMs)) session.togglePlay();
      return true;
    }
    case 'mute':
      sound.setMuted(!view.muted.value);
      return true;
    case 'louder':
      sound.setVolume(view.volume.value + 0.05);
      return true;
    case 'quieter':
      sound.setVolume(view.volume.value - 0.05);
      return true;
    case 'live':
      session.goLive();
      return true;
    case 'beginning':
      return startOver.open(null);
    case 'back':
    case 'far-back':
      return atMs !== null && startOver.open(atMs - BACK_MS[command]);
    default:
      return false;
  }
}

function helpRows(): HelpRow[] {
  return [
    [['Space', 'K'], t('keys.play')],
    [['M'], t('keys.mute')],
    [['↑', '↓'], t('keys.volume')],
    [['B'], t('keys.beginning')],
    [['←'], t('keys.back')],
    [['L'], t('keys.live')],
    [['F'], t('keys.fullscreen')],
    [['I'], t('keys.pip')],
    [['S'], t('keys.stats')],
    [['?'], t('keys.help')],
  ];
}
