import { useSignal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { beginningUrl, fileUrl, libraryUrl, watchUrl } from '../../channel/links.ts';
import { runTimeshiftCommand } from '../../timeshift/timeshift-commands.ts';
import { TimeshiftLayer } from '../../timeshift/timeshift-layer.tsx';
import { type BarMark, markPositions } from '../../timeshift/mark-positions.ts';
import { clockTime } from '../../timeshift/seek-bar.ts';
import type { Command } from '../../stage/commands.ts';
import { isPipPossible } from '../../stage/fullscreen.ts';
import { type PanelName, StageShell } from '../../stage/stage-shell.tsx';
import { linkFaultText } from '../../rights/link-fault-text.ts';
import type { Rights } from '../../rights/rights.ts';
import { timeshiftText } from '../../text/timeshift-text.ts';
import type { ReplayModel } from './replay-model.ts';
import type { ReplayPlayer } from './replay-player.ts';

/** How long the page says that the replay continues where the viewer stopped, in milliseconds of playback. */
const RESUMED_SHOWN_MS = 8000;

/** The picture of a replay and everything on it. */
export function ReplayStage(props: {
  readonly model: ReplayModel;
  readonly player: ReplayPlayer;
  readonly video: HTMLVideoElement;
  readonly channel: string;
  readonly rights: Rights;
}): JSX.Element {
  const { model, player, video, channel, rights } = props;
  const panel = useSignal<PanelName>('none');
  const session = player.session.value;
  const seek = (positionMs: number) => {
    player.resumedMs.value = 0;
    session?.seekTo(positionMs);
  };
  const setSpeed = (speed: number) => player.setSpeed(speed);
  const run = (command: Command) => session !== null && runTimeshiftCommand(session, command, seek, setSpeed);
  const toLibrary = () => (
    <a class="way way-first" href={libraryUrl(null, rights.link)}>
      {timeshiftText('replay.all')}
    </a>
  );
  return (
    <StageShell video={video} panel={panel} isTimeshift={session !== null} run={run}>
      {(run) =>
        session === null ? (
          <Finding model={model} channel={channel} rights={rights} toLibrary={toLibrary} />
        ) : (
          <>
            <TimeshiftLayer
              session={session}
              panel={panel}
              pipPossible={isPipPossible(video)}
              thumbnails={player.thumbnails.value}
              sheetUrl={(sheet) => fileUrl(sheet, rights.address.value)}
              marks={marksOf(model)}
              run={run}
              onSeek={seek}
              onSpeed={setSpeed}
              toLive={false}
              atEnd={() => (
                <>
                  <p class="cover-title">{timeshiftText('timeshift.ended')}</p>
                  <p class="cover-ways">
                    <button type="button" class="way way-first" onClick={() => seek(0)}>
                      {timeshiftText('timeshift.again')}
                    </button>
                    <a class="way" href={libraryUrl(null, rights.link)}>
                      {timeshiftText('replay.all')}
                    </a>
                  </p>
                </>
              )}
              instead={toLibrary}
            />
            <Resumed player={player} onStart={() => seek(0)} />
          </>
        )
      }
    </StageShell>
  );
}

function Resumed(props: { readonly player: ReplayPlayer; readonly onStart: () => void }): JSX.Element | null {
  const { resumedMs, session } = props.player;
  const view = session.value?.view;
  const fromMs = resumedMs.value;
  if (view === undefined || fromMs === 0 || view.state.value !== 'playing') return null;
  if (view.positionMs.value > fromMs + RESUMED_SHOWN_MS) return null;
  return (
    <p class="stage-note" role="status">
      {timeshiftText('replay.resumed', { time: clockTime(fromMs, view.lengthMs.value) })}
      <button type="button" onClick={props.onStart}>
        {timeshiftText('replay.fromStart')}
      </button>
    </p>
  );
}

function marksOf(model: ReplayModel): readonly BarMark[] {
  const broadcast = model.broadcast.value;
  return broadcast === null ? [] : markPositions(broadcast);
}

/** The cover while nothing can be played. */
function Finding(props: {
  readonly model: ReplayModel;
  readonly channel: string;
  readonly rights: Rights;
  readonly toLibrary: () => ComponentChildren;
}): JSX.Element {
  const { model, channel, rights } = props;
  switch (model.finding.value) {
    case 'gone':
    case 'forbidden': {
      const why = model.finding.value;
      return (
        <Cover
          title={timeshiftText(`timeshift.${why}`)}
          text={why === 'gone' ? timeshiftText('timeshift.gone.detail') : linkFaultText(rights)}
        >
          {props.toLibrary()}
        </Cover>
      );
    }
    case 'unreachable':
      return (
        <Cover
          title={timeshiftText('replay.unreachable')}
          text={timeshiftText('replay.unreachable.detail')}
          isBusy
        >
          {null}
        </Cover>
      );
    case 'found':
      return (
        <Cover title={timeshiftText('replay.onAir')} text={timeshiftText('replay.onAir.detail')}>
          <p class="cover-ways">
            <a class="way way-first" href={watchUrl(channel, rights.link)}>
              {timeshiftText('replay.goLive')}
            </a>
            <a class="way" href={beginningUrl(channel, rights.link)}>
              {timeshiftText('timeshift.startOver')}
            </a>
          </p>
        </Cover>
      );
    case 'loading':
      return <span class="spinner spinner-alone" aria-hidden="true" />;
  }
}

function Cover(props: {
  readonly title: string;
  readonly text: string;
  readonly isBusy?: boolean;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <div class="cover cover-whole" data-testid="cover">
      {props.isBusy === true && <span class="spinner" aria-hidden="true" />}
      <p class="cover-title">{props.title}</p>
      <p class="cover-text">{props.text}</p>
      {props.children}
    </div>
  );
}
