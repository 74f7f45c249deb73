import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Session } from '../../playback/session.ts';
import { t } from '../../text/language.ts';
import { type Command, commandOf } from './commands.ts';
import { Controls, type PanelName } from './controls.tsx';
import { isPipPossible, toggleFullscreen, togglePip } from './fullscreen.ts';
import { HelpPanel } from './help-panel.tsx';
import { Overlay } from './overlay.tsx';
import { QualityMenu } from './quality-menu.tsx';
import { StatsPanel } from './stats-panel.tsx';

/** Controls go away so long after the last movement, in milliseconds. */
const HIDE_AFTER_MS = 3000;

/** The picture and everything on it: words, controls, panels, keys. */
export function Stage(props: { readonly session: Session; readonly video: HTMLVideoElement }): JSX.Element {
  const { session, video } = props;
  const stage = useRef<HTMLDivElement>(null);
  const panel = useSignal<PanelName>('none');
  const idle = useSignal(false);

  const run = (command: Command) => {
    switch (command) {
      case 'play':
        return session.togglePlay();
      case 'mute':
        return session.setMuted(!session.view.muted.value);
      case 'louder':
        return session.setVolume(session.view.volume.value + 0.05);
      case 'quieter':
        return session.setVolume(session.view.volume.value - 0.05);
      case 'live':
        return session.goLive();
      case 'pip':
        return togglePip(video);
      case 'fullscreen':
        return stage.current === null ? undefined : toggleFullscreen(stage.current, video);
      case 'stats':
      case 'help':
        panel.value = panel.value === command ? 'none' : command;
        return;
      case 'close':
        panel.value = 'none';
    }
  };

  useEffect(() => {
    const element = stage.current;
    if (element === null) return;
    // The element outlives every render: the engine holds on to it.
    element.prepend(video);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stir = () => {
      idle.value = false;
      clearTimeout(timer);
      timer = setTimeout(() => {
        const focused = element.querySelector('.controls :focus-visible, .panel :focus-visible') !== null;
        idle.value = !focused && panel.value === 'none' && !video.paused;
      }, HIDE_AFTER_MS);
    };
    const onKey = (event: KeyboardEvent) => {
      stir();
      const target = event.target instanceof HTMLElement ? event.target : null;
      const command = commandOf({
        key: event.key,
        ctrlKey: event.ctrlKey,
        metaKey: event.metaKey,
        altKey: event.altKey,
        focusedTag: target?.tagName.toLowerCase() ?? '',
        focusedRole: target?.getAttribute('role') ?? target?.getAttribute('type') ?? '',
      });
      if (command === null || (event.repeat && command !== 'louder' && command !== 'quieter')) return;
      if (command !== 'close') event.preventDefault();
      run(command);
    };
    const events = ['pointermove', 'pointerdown', 'focusin'] as const;
    for (const name of events) element.addEventListener(name, stir);
    addEventListener('keydown', onKey);
    stir();
    return () => {
      clearTimeout(timer);
      for (const name of events) element.removeEventListener(name, stir);
      removeEventListener('keydown', onKey);
    };
  }, []);

  const close = () => {
    panel.value = 'none';
  };
  return (
    <section
      ref={stage}
      class={`stage${idle.value ? ' stage-idle' : ''}`}
      aria-label={t('watch.player')}
      onDblClick={(event) => {
        if (event.target === video || event.target === stage.current) run('fullscreen');
      }}
      onClick={(event) => {
        if (event.target === video && panel.value !== 'none') close();
      }}
    >
      <Overlay session={session} />
      {panel.value === 'stats' && <StatsPanel session={session} onClose={close} />}
      {panel.value === 'help' && <HelpPanel onClose={close} />}
      {panel.value === 'quality' && <QualityMenu session={session} onClose={close} />}
      <Controls session={session} panel={panel} pipPossible={isPipPossible(video)} run={run} />
    </section>
  );
}
