import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../text/language.ts';
import { isShortcut } from '../ui/single-keys.ts';
import { StageVideo } from './captions-tool.tsx';
import { type Command, REPEATABLE, commandOf } from './commands.ts';
import { toggleFullscreen, togglePip } from './fullscreen.ts';

/** The panel over the picture; one at a time. */
export type PanelName = 'none' | 'quality' | 'speed' | 'stats' | 'help';

/** Controls are hidden this long after the last movement, in milliseconds. */
const HIDE_AFTER_MS = 3000;

/**
 * The frame around the picture, for live and timeshift: it holds the video element, listens for keys, hides the controls
 * when nothing moves, and fills the screen.
 */
export function StageShell(props: {
  readonly video: HTMLVideoElement;
  readonly panel: Signal<PanelName>;
  /** A recording plays, whose controls are higher. */
  readonly isTimeshift: boolean;
  /** Carries out a command; false when it means nothing here. */
  readonly run: (command: Command) => boolean;
  /** Everything over the picture. Its `run` also handles full screen, picture in picture and panels. */
  readonly children: (run: (command: Command) => void) => ComponentChildren;
}): JSX.Element {
  const { video, panel } = props;
  const stage = useRef<HTMLElement>(null);
  const idle = useSignal(false);
  const latest = useRef(props.run);
  latest.current = props.run;

  const run = (command: Command): boolean => {
    switch (command) {
      case 'pip':
        togglePip(video);
        return true;
      case 'fullscreen':
        if (stage.current !== null) toggleFullscreen(stage.current, video);
        return true;
      case 'help':
        panel.value = panel.value === 'help' ? 'none' : 'help';
        return true;
      case 'close':
        panel.value = 'none';
        return true;
      default:
        return latest.current(command);
    }
  };

  useEffect(() => {
    const element = stage.current;
    if (element === null) return;
    // The engine holds the video element, so that it is not rendered anew.
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
      if (event.key !== 'Escape' && !isShortcut(event)) return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      const isInDialog = target?.closest('dialog') !== null && target !== null;
      const command = commandOf({
        key: event.key,
        shiftKey: event.shiftKey,
        ctrlKey: event.ctrlKey,
        metaKey: event.metaKey,
        altKey: event.altKey,
        focusedTag: target?.tagName.toLowerCase() ?? '',
        focusedRole: isInDialog
          ? 'dialog'
          : (target?.getAttribute('role') ?? target?.getAttribute('type') ?? ''),
      });
      if (command === null || (event.repeat && !REPEATABLE.includes(command))) return;
      if (run(command) && command !== 'close') event.preventDefault();
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

  return (
    <section
      ref={stage}
      class={`stage${idle.value ? ' stage-idle' : ''}${props.isTimeshift ? ' stage-timeshift' : ''}`}
      aria-label={t('watch.player')}
      onDblClick={(event) => {
        if (event.target === video || event.target === stage.current) run('fullscreen');
      }}
      onClick={(event) => {
        if (event.target === video && panel.value !== 'none') panel.value = 'none';
      }}
    >
      <StageVideo.Provider value={video}>{props.children(run)}</StageVideo.Provider>
    </section>
  );
}
