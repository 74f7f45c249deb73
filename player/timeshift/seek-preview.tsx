import type { JSX } from 'preact';
import { type Thumbnail, thumbnailAt } from './storyboard.ts';

/** Width of the time alone, in pixels. */
const TEXT_WIDTH_PX = 72;
/** Largest width of a picture, in pixels. */
const PICTURE_WIDTH_PX = 176;

/** The preview above the seek bar: the time, and a picture where there is one. */
export function SeekPreview(props: {
  readonly time: string;
  readonly timeMs: number;
  readonly thumbnails: readonly Thumbnail[];
  readonly sheetUrl: (sheet: string) => string;
  /** Left side of a box of a width, in pixels. */
  readonly left: (width: number) => number;
}): JSX.Element {
  const thumbnail = thumbnailAt(props.thumbnails, props.timeMs);
  const scale = thumbnail === null ? 1 : Math.min(1, PICTURE_WIDTH_PX / thumbnail.width);
  const width = thumbnail === null ? TEXT_WIDTH_PX : Math.round(thumbnail.width * scale);
  return (
    <div
      class={`seek-preview${thumbnail === null ? '' : ' seek-preview-picture'}`}
      aria-hidden="true"
      style={{ left: `${props.left(width)}px`, width: `${width}px` }}
    >
      {thumbnail !== null && (
        <span class="seek-picture" style={{ height: `${Math.round(thumbnail.height * scale)}px` }}>
          <span
            style={{
              width: `${thumbnail.width}px`,
              height: `${thumbnail.height}px`,
              backgroundImage: `url("${props.sheetUrl(thumbnail.sheet)}")`,
              backgroundPosition: `-${thumbnail.x}px -${thumbnail.y}px`,
              transform: `scale(${scale})`,
            }}
          />
        </span>
      )}
      <span class="seek-time">{props.time}</span>
    </div>
  );
}
