/** What playback did during about a second, in which nobody paused, sought or hid the page. */
export type PlaybackWindow = {
  /** Its end, in milliseconds of a clock that never goes back, and its length. */
  readonly nowMs: number;
  readonly lastsMs: number;
  /** Media time that the playhead went through, in milliseconds. */
  readonly playedMs: number;
  /** Pictures that the browser decoded, with those that it dropped, by its own account. */
  readonly decodedFrames: number;
  /** Those of them that it did not show in time. */
  readonly droppedFrames: number;
  /** How long playback stood still although media was buffered, in milliseconds. */
  readonly starvedMs: number;
  /** How much too late the page's own timer was at worst, in milliseconds. */
  readonly timerLateMs: number;
};
