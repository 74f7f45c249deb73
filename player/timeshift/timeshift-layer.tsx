import type { Signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import type { Command } from '../stage/commands.ts';
import { HelpPanel, type HelpRow } from '../stage/help-panel.tsx';
import { QualityMenu } from '../stage/quality-menu.tsx';
import type { PanelName } from '../stage/stage-shell.tsx';
import { t } from '../text/language.ts';
import { timeshiftText } from '../text/timeshift-text.ts';
import { TimeshiftControls } from './timeshift-controls.tsx';
import { TimeshiftCover } from './timeshift-cover.tsx';
import type { TimeshiftSession } from './timeshift-session.ts';
import { SpeedMenu } from './speed-menu.tsx';
import type { BarMark } from './mark-positions.ts';
import type { Thumbnail } from './storyboard.ts';

/** Everything over the picture of a timeshift session. */
export function TimeshiftLayer(props: {
  readonly session: TimeshiftSession;
  readonly panel: Signal<PanelName>;
  readonly pipPossible: boolean;
  readonly thumbnails: readonly Thumbnail[];
  readonly sheetUrl: (sheet: string) => string;
  /** Marks of roll calls, in order of time. */
  readonly marks: readonly BarMark[];
  readonly run: (command: Command) => void;
  readonly onSeek: (positionMs: number) => void;
  readonly onSpeed: (speed: number) => void;
  readonly toLive: boolean;
  readonly atEnd: () => ComponentChildren;
  readonly instead: () => ComponentChildren;
}): JSX.Element {
  const { session, panel } = props;
  const close = () => {
    panel.value = 'none';
  };
  return (
    <>
      <TimeshiftCover session={session} atEnd={props.atEnd} instead={props.instead} />
      {panel.value === 'help' && <HelpPanel rows={helpRows(props.toLive)} onClose={close} />}
      {panel.value === 'quality' && <QualityMenu session={session} onClose={close} />}
      {panel.value === 'speed' && <SpeedMenu session={session} onChoose={props.onSpeed} onClose={close} />}
      <TimeshiftControls
        session={session}
        panel={panel}
        pipPossible={props.pipPossible}
        thumbnails={props.thumbnails}
        sheetUrl={props.sheetUrl}
        marks={props.marks}
        run={props.run}
        onSeek={props.onSeek}
        toLive={props.toLive}
      />
    </>
  );
}

function helpRows(toLive: boolean): HelpRow[] {
  return [
    [['Space', 'K'], t('keys.play')],
    [['←', '→'], timeshiftText('keys.seek')],
    [['Home'], timeshiftText('keys.start')],
    ...(toLive ? [[['L'], timeshiftText('keys.backToLive')] as const] : []),
    [['<', '>'], timeshiftText('keys.speed')],
    [['M'], t('keys.mute')],
    [['↑', '↓'], t('keys.volume')],
    [['F'], t('keys.fullscreen')],
    [['I'], t('keys.pip')],
    [['?'], t('keys.help')],
  ];
}
