import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { fetchBroadcast } from '../../channel/broadcasts-api.ts';
import { libraryUrl, replayUrl, startOverUrl } from '../../channel/links.ts';
import { classEndMs } from '../../timeshift/class-end.ts';
import { runAt } from '../../playback/run-at.ts';
import { isHlsJsSupported } from '../../playback/hls-support.ts';
import { createHlsTimeshiftEngine } from '../../timeshift/hls-timeshift-engine.ts';
import { createNativeTimeshiftEngine } from '../../timeshift/native-timeshift-engine.ts';
import { runTimeshiftCommand } from '../../timeshift/timeshift-commands.ts';
import { TimeshiftLayer } from '../../timeshift/timeshift-layer.tsx';
import { TimeshiftSession } from '../../timeshift/timeshift-session.ts';
import { connectSystemControls } from '../../timeshift/system-controls.ts';
import '../../styles/timeshift.css';
import { t } from '../../text/language.ts';
import { timeshiftText } from '../../text/timeshift-text.ts';
import type { StartOver, StartOverOptions } from './start-over-contract.ts';

/** A playhead closer to now than this is at live, in milliseconds: start-over has whole segments only. */
const AT_LIVE_MS = 7000;
/** How often it is checked whether live is reached or the class is over, in milliseconds. */
const LOOK_MS = 500;
/** How often the API is asked for the end of a class that is no longer on air, in milliseconds. */
const ASK_EVERY_MS = 5000;

/** Plays a class on air from its start, or from any time since, in the live session's video element. */
export function createStartOver(options: StartOverOptions): StartOver {
  const { session: live, video, channel, broadcast, rights, goLive } = options;
  const endMs = signal<number | null>(null);
  const timeshift = new TimeshiftSession({
    video,
    url: () => startOverUrl(channel, broadcast.startMs, rights.address.value),
    makeEngine: isHlsJsSupported() ? createHlsTimeshiftEngine : createNativeTimeshiftEngine,
    sound: live.sound,
    soundView: live.view,
    startMs: Math.max(0, (options.atMs ?? broadcast.startMs) - broadcast.startMs),
    startProgramMs: options.atMs,
    // The remembered speed is for recordings: a class on air starts at its own.
    speed: 1,
    end: () => ({ atMs: endMs.value ?? live.serverNowMs(), isFinal: endMs.value !== null }),
  });
  const { positionMs, lengthMs } = timeshift.view;

  const seek = (wantedMs: number) => {
    if (endMs.value === null && lengthMs.value > 0 && wantedMs > lengthMs.value - AT_LIVE_MS) goLive();
    else timeshift.seekTo(wantedMs);
  };
  const setSpeed = (speed: number) => timeshift.setSpeed(speed);

  let askedAtMs = 0;
  const timer = setInterval(() => {
    endMs.value ??= classEndMs(timeshift.runs(), broadcast.startMs);
    const isOver = live.view.channel.value?.broadcast?.id !== broadcast.id;
    if (endMs.value === null && isOver && performance.now() - askedAtMs > ASK_EVERY_MS) {
      askedAtMs = performance.now();
      void fetchBroadcast(channel, broadcast.id, rights.own).then((answer) => {
        if (answer.kind === 'ok') endMs.value ??= answer.value.endMs;
      });
    }
    // At a higher speed the playhead reaches live at some time.
    const leftMs = lengthMs.value - positionMs.value;
    if (endMs.value === null && timeshift.view.speed.value > 1 && lengthMs.value > 0 && leftMs < AT_LIVE_MS)
      goLive();
  }, LOOK_MS);
  const disconnectSystemControls = connectSystemControls(
    timeshift,
    () => {
      const info = live.view.channel.value;
      return {
        title: info?.title ?? channel,
        artist: info?.teacher ?? '',
        album: t('app.name'),
        poster: null,
      };
    },
    seek,
  );

  return {
    run: (command) => {
      if (command === 'live') {
        goLive();
        return true;
      }
      return runTimeshiftCommand(timeshift, command, seek, setSpeed);
    },
    programTimeMs: () => timeshift.programTimeMs(),
    isOnAir: () => (runAt(timeshift.runs(), timeshift.programTimeMs() ?? 0)?.state ?? 'on-air') === 'on-air',
    destroy: () => {
      clearInterval(timer);
      disconnectSystemControls();
      timeshift.destroy();
    },
    Layer: ({ panel, pipPossible, run }) => (
      <TimeshiftLayer
        session={timeshift}
        panel={panel}
        pipPossible={pipPossible}
        thumbnails={[]}
        sheetUrl={(sheet) => sheet}
        marks={[]}
        run={run}
        onSeek={seek}
        onSpeed={setSpeed}
        toLive
        atEnd={() => (
          <>
            <p class="cover-title">{timeshiftText('timeshift.classOver')}</p>
            <p class="cover-text">{timeshiftText('timeshift.classOver.detail')}</p>
            <Ways
              goLive={goLive}
              href={replayUrl(channel, broadcast.id, rights.link)}
              label={t('watch.recording')}
            />
          </>
        )}
        instead={() => (
          <Ways goLive={goLive} href={libraryUrl(channel, rights.link)} label={t('watch.recordings')} />
        )}
      />
    ),
  };
}

function Ways(props: {
  readonly goLive: () => void;
  readonly href: string;
  readonly label: string;
}): JSX.Element {
  return (
    <p class="cover-ways">
      <a class="way way-first" href={props.href}>
        {props.label}
      </a>
      <button type="button" class="way" onClick={props.goLive}>
        {timeshiftText('timeshift.backToLive')}
      </button>
    </p>
  );
}
