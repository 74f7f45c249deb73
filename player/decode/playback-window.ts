/** What playback did during about a second, in which nobody paused, sought or hid the page. */
export type PlaybackWindow = {
  /** Its end, in milliseconds of a clock that never goes back, and its length. */
  readonly nowMs: number;
  readonly lastsMs: number;
  /** Media time that the playhead went through, in milliseconds. */
  readonly playedMs: number;
  /** Pictures that were decoded and shown in time. */
  readonly shownFrames: number;
  /** Pictures a second of the level on the screen; 0 where that is unknown, or fewer are played on purpose. */
  readonly frameRate: number;
  /** How long playback stood still although media was buffered, in milliseconds. */
  readonly starvedMs: number;
  /** How much too late the page's own timer was at worst, in milliseconds. */
  readonly timerLateMs: number;
};
