/** Ticks in a worker, whose timers browsers do not hold back while the page is hidden. Its only message is the interval, milliseconds. */
addEventListener('message', ({ data }: MessageEvent<number>) => {
  setInterval(() => postMessage(null), data);
});
