import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { language } from '../text/language.ts';
import { timeshiftText } from '../text/timeshift-text.ts';
import type { BarMark } from './mark-positions.ts';
import { clockTime, fractionOf, leftAbove, timeAt, timeByKey } from './seek-bar.ts';
import { SeekPreview } from './seek-preview.tsx';
import { spokenTime } from './spoken-time.ts';
import type { Thumbnail } from './storyboard.ts';

/** The seek bar: shows where the playhead is, and seeks by mouse, finger and keys. */
export function SeekSlider(props: {
  /** Milliseconds since the beginning. */
  readonly positionMs: ReadonlySignal<number>;
  readonly lengthMs: ReadonlySignal<number>;
  readonly bufferedToMs: ReadonlySignal<number>;
  /** In order of time; none where there is no storyboard. */
  readonly thumbnails: readonly Thumbnail[];
  /** Address of a sheet of thumbnails. */
  readonly sheetUrl: (sheet: string) => string;
  /** In order of time. */
  readonly marks: readonly BarMark[];
  readonly onSeek: (positionMs: number) => void;
}): JSX.Element {
  const { thumbnails, marks, onSeek } = props;
  const lengthMs = props.lengthMs.value;
  const track = useRef<HTMLDivElement>(null);
  /** The time under the finger or the pressed mouse; null while nothing is dragged. */
  const dragMs = useSignal<number | null>(null);
  /** The time under the mouse. */
  const hoverMs = useSignal<number | null>(null);

  const shownMs = dragMs.value ?? props.positionMs.value;
  const played = fractionOf({ positionMs: shownMs, lengthMs });
  const buffered = fractionOf({ positionMs: props.bufferedToMs.value, lengthMs });
  const previewMs = dragMs.value ?? hoverMs.value;
  const timeUnder = (event: PointerEvent) =>
    timeAt(lengthMs, event.clientX, track.current?.getBoundingClientRect() ?? { left: 0, width: 0 });

  return (
    <div
      class="seek"
      role="slider"
      tabIndex={0}
      aria-label={timeshiftText('seek.label')}
      aria-valuemin={0}
      aria-valuemax={Math.round(lengthMs / 1000)}
      aria-valuenow={Math.round(shownMs / 1000)}
      aria-valuetext={timeshiftText('seek.value', {
        position: spokenTime(shownMs, language.value),
        length: spokenTime(lengthMs, language.value),
      })}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        const bar = { positionMs: props.positionMs.value, lengthMs };
        const wantedMs = timeByKey(bar, event.key, event.shiftKey);
        if (wantedMs === null) return;
        event.preventDefault();
        event.stopPropagation();
        onSeek(wantedMs);
      }}
      onPointerDown={(event) => {
        if (event.button !== 0 || lengthMs === 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        dragMs.value = timeUnder(event);
      }}
      onPointerEnter={(event) => {
        if (event.pointerType === 'mouse') hoverMs.value = timeUnder(event);
      }}
      onPointerMove={(event) => {
        if (dragMs.value !== null) dragMs.value = timeUnder(event);
        else if (event.pointerType === 'mouse') hoverMs.value = timeUnder(event);
      }}
      onPointerUp={(event) => {
        if (dragMs.value === null) return;
        dragMs.value = null;
        onSeek(timeUnder(event));
      }}
      onPointerCancel={() => {
        dragMs.value = null;
      }}
      onPointerLeave={() => {
        hoverMs.value = null;
      }}
    >
      <div ref={track} class="seek-track">
        <div class="seek-buffered" style={{ width: percent(buffered) }} />
        <div class="seek-played" style={{ width: percent(played) }} />
      </div>
      {lengthMs > 0 &&
        marks.map(({ id, positionMs, label }) => (
          <span
            key={id}
            class="seek-mark"
            title={label}
            style={{ left: percent(fractionOf({ positionMs, lengthMs })) }}
          />
        ))}
      <div class="seek-knob" style={{ left: percent(played) }} />
      {previewMs !== null && lengthMs > 0 && (
        <SeekPreview
          time={clockTime(previewMs, lengthMs)}
          timeMs={previewMs}
          thumbnails={thumbnails}
          sheetUrl={props.sheetUrl}
          left={(width) =>
            leftAbove(fractionOf({ positionMs: previewMs, lengthMs }), track.current?.clientWidth ?? 0, width)
          }
        />
      )}
    </div>
  );
}

function percent(fraction: number): string {
  return `${(fraction * 100).toFixed(3)}%`;
}
