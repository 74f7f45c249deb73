import type { JSX } from 'preact';
import type { BroadcastInfo } from '../../channel/broadcast-info.ts';
import { markPositions } from '../../timeshift/mark-positions.ts';
import { clockTime } from '../../timeshift/seek-bar.ts';
import { timeshiftText } from '../../text/timeshift-text.ts';
import type { ReplayPlayer } from './replay-player.ts';

/** The roll calls and questions of a class, as links into the replay. */
export function RollMarks(props: {
  readonly broadcast: BroadcastInfo;
  readonly player: ReplayPlayer;
}): JSX.Element | null {
  const { broadcast, player } = props;
  const marks = markPositions(broadcast);
  if (marks.length === 0 || broadcast.replay === null) return null;
  return (
    <section class="roll-marks" aria-labelledby="roll-marks-title">
      <h2 id="roll-marks-title">{timeshiftText('replay.rollCalls')}</h2>
      <ul>
        {marks.map(({ id, positionMs, label }) => (
          <li key={id}>
            <button type="button" onClick={() => player.session.value?.seekTo(positionMs)}>
              <time>{clockTime(positionMs, broadcast.durationMs)}</time>
              {label}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
